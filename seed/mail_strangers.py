"""What reaches the demo's billing mailbox from others than customers: news, a bank, advertisements, a swindler."""

from seed.mail_billing import US
from seed.mail_talk import THEM, Talk, Written

NEWSLETTER = """\
<div style="max-width:600px;margin:auto;font-family:Arial,sans-serif;color:#222">
<img src="https://boletin.actualidadcontable.example/cabecera.png" alt="Actualidad Contable" width="600" height="120">
<h2>Lo que cambia en enero para quien factura</h2>
<p>El nuevo calendario de declaraciones adelanta una semana la retención en la fuente. Resumimos fechas, topes y lo que conviene
dejar listo antes del cierre.</p>
<img src="https://boletin.actualidadcontable.example/calendario.png" alt="Calendario de enero" width="600" height="240">
<h3>También en esta edición</h3>
<ul><li>Documento soporte: los cinco errores que más se repiten</li><li>Plazos para corregir una nota crédito</li>
<li>Conciliar bancos en una mañana</li></ul>
<p><a href="https://boletin.actualidadcontable.example/leer">Leer la edición completa</a></p>
<p style="font-size:12px;color:#777">Recibe este boletín porque se suscribió en nuestra página.
<img src="https://boletin.actualidadcontable.example/abierto.gif?id=8231" width="1" height="1" alt=""></p></div>"""
DEPOSIT = """\
<table style="font-family:Arial,sans-serif;border-collapse:collapse" cellpadding="8">
<tr><td colspan="2" style="background:#12395b;color:#fff"><strong>Banco del Valle</strong> · Abono recibido</td></tr>
<tr><td>Cuenta</td><td>Corriente terminada en 4471</td></tr>
<tr><td>Ordenante</td><td>{customer}</td></tr>
<tr><td>Valor</td><td><strong>{total}</strong></td></tr>
<tr><td>Referencia</td><td>{invoice}</td></tr></table>
<p style="font-family:Arial,sans-serif;font-size:12px;color:#666">Mensaje automático: por favor no lo responda.</p>"""

STRANGERS = (
    Talk(
        US,
        "Catálogo de temporada con lista de precios",
        (
            # What *Messages set aside* is for: our server names it, and cannot hand it over.
            Written(
                THEM,
                "2d 16:20",
                "Buenas tardes, va nuestro catálogo de la temporada con la lista de precios para mayoristas.",
                sender="Ventas Mueblería Central <ventas@muebleriacentral.example>",
                files=("prices",),
                is_damaged=True,
            ),
        ),
    ),
    Talk(
        US,
        "Lo que cambia en enero para quien factura",
        (
            Written(
                THEM,
                "1d 07:00",
                "Lo que cambia en enero para quien factura: https://boletin.actualidadcontable.example/leer",
                sender="Actualidad Contable <boletin@actualidadcontable.example>",
                html=NEWSLETTER,
                headers={
                    "List-Unsubscribe": "<https://boletin.actualidadcontable.example/salir>",
                    "Precedence": "bulk",
                },
            ),
        ),
    ),
    Talk(
        US,
        "Devolución de {invoice}: nueva cuenta bancaria",
        (
            Written(
                THEM,
                "95 min",
                "Buenos días:\n\nCambiamos de banco. Para la devolución de {invoice} usen desde hoy la cuenta 003-91842-7 y confírmenme"
                " en cuanto transfieran, es urgente.\n\nNo llamen al número de siempre, está en mantenimiento.",
                sender="{full} <{alike}>",
                is_unread=True,
            ),
        ),
        who=5,
    ),
    Talk(
        US,
        "Banco del Valle: abono recibido por {total}",
        (
            Written(
                THEM,
                "1d 08:30",
                "Abono recibido de {customer} por {total}, referencia {invoice}.",
                sender="Banco del Valle <no-reply@bancodelvalle.example>",
                html=DEPOSIT,
                headers={"Auto-Submitted": "auto-generated"},
            ),
        ),
        who=6,
    ),
    Talk(
        US,
        "Invitación: feria de oficinas y papelería",
        (
            Written(
                THEM,
                "9d 12:00",
                "Reserve su lugar en la feria de oficinas y papelería. Entrada sin costo para los primeros cien inscritos.",
                sender="Feria de Oficinas <registro@feriaoficinas.example>",
                headers={"List-Unsubscribe": "<https://feriaoficinas.example/salir>"},
            ),
        ),
        folder="Trash",
    ),
    Talk(
        US,
        "Su bono de 5.000.000 lo espera",
        (
            Written(
                THEM,
                "3d 03:14",
                "Usted fue elegido. Envíe sus datos hoy mismo para recibir el bono.",
                sender="Premios <premios@bonos-ya.example>",
                is_unread=True,
            ),
        ),
        folder="Junk",
    ),
)
