"""The words that the demo company is made of."""

FIRST_NAMES = ["Lucía", "Sofía", "Valentina", "Camila", "Mariana", "Isabela", "Daniela", "Gabriela", "Paula", "Andrea", "Natalia", "Ximena", "Íngrid", "Begoña", "Juan", "Carlos", "Andrés", "Santiago", "Mateo", "Sebastián", "Nicolás", "Julián", "Íñigo", "Óscar", "Rubén", "Álvaro", "Martín", "Joaquín", "Tomás", "Emilio", "Ángela", "Rocío", "Inés", "Belén", "Héctor", "Iván", "Raúl", "Germán", "Fabián", "Núria"]
LAST_NAMES = ["Ordóñez", "Ñáñez", "Muñoz", "Peña", "Núñez", "Güemes", "Cañadas", "Ibáñez", "Zúñiga", "Avendaño", "Castañeda", "Patiño", "Londoño", "Restrepo", "Gutiérrez", "Rodríguez", "Gómez", "Jiménez", "Álvarez", "Cárdenas", "Suárez", "Sepúlveda", "Bermúdez", "Fernández", "Márquez", "Ramírez", "Ocaña", "Quiñones", "Vélez", "Echeverri", "Arango", "Cifuentes", "Yáñez", "Téllez", "Ruíz", "Piñeros", "Beltrán", "Galván", "Montaña", "Riaño"]
BUSINESSES = ["Construcciones", "Almacenes", "Óptica", "Comercializadora", "Ferretería", "Panificadora", "Cooperativa Agropecuaria", "Laboratorios", "Transportes", "Hotelera", "Papelería", "Distribuciones", "Muebles", "Clínica", "Librería", "Editorial", "Agrícola", "Textiles", "Cafés", "Confecciones", "Imprenta", "Repuestos", "Maderas", "Suministros", "Consultores", "Viveros", "Lácteos", "Calzados", "Cerámicas", "Talleres"]
QUALITIES = ["del Norte", "La Ñapa", "Peñafiel", "y Acabados Muñoz", "San Martín", "Bahía Málaga", "El Roble", "Nueva Esperanza", "Cañaveral", "Los Álamos", "Núñez e Hijos", "Rápidos Añasco", "Güemes", "del Pacífico", "Monteverde", "Santa Inés", "La Montaña", "Ibáñez", "Altamira", "El Bañado", "Castañeda", "Tres Ríos", "La Campiña", "Oriente", "Bogotá Centro", "El Progreso", "Villa Ñuñoa", "La Peña", "San Andrés", "Zúñiga"]
STREETS = ["Calle 93 n.º 11-27", "Carrera 7 n.º 71-52", "Avenida El Dorado 68-95", "Calle Ñandú 14", "Avenida de la Constitución 231", "Paseo de la Peña 8", "Calle Mayor 45", "Rúa do Vilar 3", "Avenida Insurgentes Sur 1602", "Calle 5 de Mayo 118", "Carrera 43A n.º 1-50"]
CITIES = {
    "CO": ["Bogotá", "Medellín", "Cali", "Barranquilla", "Ibagué", "Popayán", "Cúcuta"],
    "ES": ["Madrid", "A Coruña", "Málaga", "Logroño", "Cáceres", "Gijón", "Sevilla"],
    "MX": ["Ciudad de México", "Querétaro", "Mérida", "León", "Torreón", "Puebla", "Culiacán"],
}
JOBS = ["Jefa de compras", "Contador", "Tesorera", "Gerente", "Auxiliar contable", "Directora financiera", "Asistente de gerencia", "Ingeniero de planta"]
PRODUCTS = (
    ("PAP-A4", "Resma de papel A4, 75 g", "und", 6),
    ("TIN-CY", "Tinta cian para plotter, 1 l", "l", 48),
    ("SRV-MNT", "Mantenimiento mensual de impresoras", "mes", 180),
    (
        "SRV-INS",
        "Instalación y puesta en marcha en sitio, con capacitación de dos personas",
        "h",
        55,
    ),
    ("CAB-C6", "Cable de red categoría 6, señal apantallada", "m", 2),
    ("EMP-CJ", "Cajas de cartón corrugado 40 × 30 × 25 cm", "und", 1),
    ("ESC-ER", "Escritorio ergonómico de altura ajustable", "und", 420),
    ("SIL-OP", "Silla operativa con apoyo lumbar", "und", 160),
    ("LUM-LED", "Luminaria LED 40 W, 4.000 K", "und", 24),
    ("CAF-KG", "Café de origen Nariño, tostión media", "kg", 14),
    ("LIC-AN", "Licencia anual del sistema de archivo", "año", 260),
    ("ALQ-MES", "Alquiler de equipo multifuncional", "mes", 95),
    ("DIS-H", "Diseño gráfico: piezas para campaña de otoño", "h", 38),
    ("ENV-N", "Envío nacional puerta a puerta", "und", 9),
    ("PIN-GL", "Pintura acrílica color peltre", "gal", 31),
)
GROUPS = (
    ("MAYOR", "Mayoristas"),
    ("MINOR", "Minoristas"),
    ("INSTI", "Institucional"),
    ("EXPOR", "Exportación"),
    ("DISTR", "Distribuidores"),
)
DEPARTMENTS = (
    ("FACT", "Facturación"),
    ("COBR", "Cobranza"),
    ("VENT", "Ventas"),
    ("SERV", "Servicio al cliente"),
    ("ADMI", "Administración"),
    ("SIST", "Sistemas"),
)
