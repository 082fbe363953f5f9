"""What lies in the mailbox of collections and in those of two colleagues of the demo."""

from seed.mail_talk import THEM, Talk, Written

COLLECTIONS = (
    Talk(
        "cobros",
        "Plan de pagos de {customer}",
        (
            Written(
                "cobros",
                "8d 09:00",
                "Buenos días, {name}:\n\nLa factura {invoice} por {total} venció el {due}. ¿Qué fecha de pago tienen prevista?",
                files=("invoice",),
            ),
            Written(
                THEM,
                "7d 11:15",
                "Buenos días:\n\nEste mes se nos juntaron los aguinaldos. ¿Podemos pagarla en tres cuotas, la primera esta semana?",
            ),
            Written(
                "cobros",
                "7d 16:02",
                "{name}, de acuerdo con tres cuotas iguales, los días 5, 20 y 5. Con la primera levantamos la nota de mora.",
            ),
            Written(
                THEM,
                "2d 10:30",
                "Hecho: acabamos de transferir la primera cuota. Adjunto la captura del banco.",
                files=("slip",),
            ),
            Written(
                "cobros",
                "2d 12:20",
                "Recibida, {name}, gracias. Queda registrada y la nota de mora levantada. La segunda cuota es el día 20.",
            ),
            Written(
                THEM,
                "17 min",
                "¿Nos pueden enviar el estado de cuenta con el saldo que queda? Lo pide gerencia para aprobar la segunda.",
                is_unread=True,
            ),
        ),
        who=13,
    ),
    Talk(
        "cobros",
        "Recordatorio: factura {invoice}",
        (
            Written(
                "cobros",
                "5d 09:00",
                "Buenos días, {name}:\n\nLe recordamos la factura {invoice} por {total}, con vencimiento el {due}. Si ya la pagó, envíenos el"
                " comprobante y la cruzamos hoy.",
            ),
            Written(
                THEM,
                "4d 08:47",
                "Buenos días. Está programada para el pago del viernes. Les envío el soporte ese mismo día.",
            ),
        ),
        who=14,
    ),
    Talk(
        "cobros",
        "Diferencia en el saldo de {customer}",
        (
            Written(
                THEM,
                "3d 14:55",
                "Buenas tardes:\n\nSegún nuestros libros el saldo es menor que el de su estado de cuenta. En la hoja adjunta marqué los dos"
                " pagos que no vemos aplicados. ¿Los revisan?",
                files=("reconciliation",),
                is_starred=True,
            ),
            Written(
                "cobros",
                "3d 17:10",
                "{name}, ya los encontramos: entraron sin referencia. Mañana quedan aplicados y le envío el estado de cuenta nuevo.",
            ),
        ),
        who=15,
    ),
    Talk(
        "cobros",
        "Recordatorio: factura {invoice}",
        (
            Written(
                "cobros",
                "10d 09:00",
                "Buenos días, {name}:\n\nLe recordamos la factura {invoice} por {total}, con vencimiento el {due}.",
            ),
            Written(
                THEM,
                "10d 09:26",
                "Buenos días, esa factura se pagó la semana pasada. Va el soporte.",
                files=("slip",),
            ),
        ),
        who=16,
    ),
    Talk(
        "cobros",
        "Paz y salvo",
        (
            Written(
                THEM, "16d 10:05", "¿Nos expiden un paz y salvo a la fecha? Es para una licitación."
            ),
            Written(
                "cobros",
                "16d 10:50",
                "Claro que sí, {name}. {customer} está a paz y salvo por todo concepto; la carta firmada queda hoy en su portal.",
            ),
        ),
        who=17,
        folder="Archive",
    ),
)
COLLEAGUES = (
    Talk(
        "lucia",
        "Cierre de noviembre",
        (
            Written(
                "andres",
                "2d 08:30",
                "Hola, Lucía:\n\n¿Cómo vamos con el cierre? Quisiera ver antes del viernes qué quedó sin facturar y las notas crédito del mes.",
            ),
            Written(
                "lucia",
                "2d 10:12",
                "Hola, Andrés:\n\nFaltan dos pedidos por remisionar y tres notas crédito por firmar. Mañana te envío la lista.",
            ),
            Written(
                "andres",
                "64 min",
                "Perfecto. Cuando la tengas, cópiame también el recaudo de la semana.",
                is_unread=True,
            ),
        ),
        colleague="andres",
    ),
    Talk(
        "lucia",
        "Una duda sobre {invoice}",
        (
            Written(
                THEM,
                "71 min",
                "Lucía, buenos días:\n\n¿El descuento por pronto pago de {invoice} aplica si transferimos el lunes? El plazo vence en fin de"
                " semana.",
                is_unread=True,
            ),
        ),
        who=0,
    ),
    Talk(
        "lucia",
        "¿Estás en la oficina?",
        (
            Written(
                THEM,
                "26 min",
                "Lucía, necesito que hagas una transferencia hoy, sin pasar por compras. Estoy en reunión: respóndeme solo por aquí.\n\nAndrés",
                sender="Andrés Peñalba <andres.penalba@{our_alike}>",
                is_unread=True,
            ),
        ),
    ),
    Talk(
        "lucia",
        "Su buzón está casi lleno",
        (
            Written(
                THEM,
                "1d 06:12",
                "Su buzón llegó al 98 %. Entre hoy mismo con su clave para no perder mensajes.",
                sender='"soporte@{domain}" <avisos@correo-seguro.example>',
                html='<p>Su buzón llegó al <b>98 %</b>.</p><p><a href="https://correo-seguro.example/entrar">Entre hoy mismo con su clave</a>'
                " para no perder mensajes.</p>",
            ),
        ),
    ),
    Talk(
        "lucia",
        "Entrega en bodega",
        (
            Written(
                THEM,
                "4d 15:33",
                "Hola, Lucía. Llegó todo en buen estado, menos una caja abierta. Va la remisión con la anotación del vigilante.",
                files=("delivery",),
            ),
            Written(
                "lucia",
                "4d 16:20",
                "Gracias por avisar, {name}. Mañana pasa el transportador con la caja de reemplazo.",
            ),
        ),
        who=4,
    ),
    Talk(
        "andres",
        "Renovación del contrato de suministro",
        (
            Written(
                THEM,
                "3d 09:05",
                "Andrés, buenos días:\n\nEl contrato vence en diciembre. Nos interesa renovarlo por dos años con los precios de este.",
            ),
            Written(
                "andres",
                "3d 12:40",
                "{name}, con gusto. Por dos años mantenemos precios hasta junio y ajustamos con el IPC después. ¿Le parece?",
            ),
            Written(
                THEM,
                "44 min",
                "Nos parece bien. Adjunto el contrato con nuestras observaciones en la cláusula de entregas.",
                files=("contract",),
                is_unread=True,
            ),
        ),
        who=18,
    ),
    Talk(
        "andres",
        "Price list 2027",
        (
            Written(
                THEM,
                "2d 05:50",
                "Dear Andrés,\n\nPlease find our list for 2027 attached. Copy paper stays where it is until April; toner goes up by three per"
                " cent. Orders placed before 15 December keep this year's prices.\n\nKind regards,\nEmma Hartley\nNorthfield Paper",
                files=("prices",),
                sender="Emma Hartley <emma.hartley@northfieldpaper.example>",
                is_starred=True,
            ),
        ),
        is_english=True,
    ),
    Talk(
        "andres",
        "Recaudo de la semana",
        (
            Written(
                "cobros",
                "1d 17:30",
                "Andrés, va el recaudo de la semana por cliente. Los tres primeros hacen la mitad de lo pendiente.",
                files=("reconciliation",),
            ),
        ),
        colleague="cobros",
    ),
)
