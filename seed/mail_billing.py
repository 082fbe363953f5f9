"""What lies in the billing mailbox of the demo."""

from seed.mail_talk import THEM, Talk, Written

US = "facturacion"
SENT_INVOICE = (
    "Buenos días, {name}:\n\nLe enviamos la factura {invoice} por {total}, con vencimiento el {due}.\n\n"
    "Si algo no coincide con su pedido, responda a este correo y lo revisamos el mismo día."
)

BILLING = (
    Talk(
        US,
        "Distribuidora Peñalba: factura {invoice}",
        (
            Written(US, "4d 08:05", SENT_INVOICE, files=("invoice",)),
            Written(
                THEM,
                "3d 10:41",
                "Buenos días:\n\nRevisando la factura {invoice} vemos el envío cobrado dos veces: en la remisión figura un solo viaje."
                " ¿Nos ayudan a verificarlo antes de causarla?",
            ),
            Written(
                US,
                "3d 15:20",
                "{name}, buenas tardes:\n\nTiene razón: el segundo envío es de otro pedido y quedó en su factura por error."
                " Hoy mismo emitimos la nota crédito y se la hacemos llegar por este medio. Disculpe la molestia.",
            ),
            Written(
                THEM,
                "38 min",
                "Muchas gracias, ya recibimos la nota crédito y quedó causada.\n\nProgramamos el pago del saldo para el próximo jueves."
                " ¿Nos confirman si la cuenta del Banco del Valle sigue siendo la misma?",
                is_unread=True,
                is_starred=True,
            ),
        ),
    ),
    Talk(
        US,
        "Comprobante de pago {invoice}",
        (
            Written(
                THEM,
                "52 min",
                "Buenos días:\n\nAdjunto el comprobante de la transferencia de {total} por la factura {invoice}."
                " Quedamos pendientes del recibo de caja.",
                files=("receipt",),
                is_unread=True,
            ),
        ),
        who=1,
    ),
    Talk(
        US,
        "Pedido de noviembre",
        (
            Written(
                THEM,
                "2d 09:14",
                "Hola:\n\nVa el pedido de este mes en la hoja adjunta. Si algo está agotado, cámbienlo por lo que tengan del mismo precio"
                " y nos avisan.",
                files=("order",),
            ),
            Written(
                US,
                "2d 11:02",
                "Hola, {name}:\n\nTodo está disponible menos las luminarias de 40 W: llegan el lunes. ¿Despachamos lo demás hoy o espera"
                " el pedido completo?",
            ),
            Written(
                THEM,
                "1d 16:48",
                "Despachen lo demás hoy, por favor. Las luminarias pueden llegar la otra semana.",
                is_unread=True,
            ),
        ),
        who=2,
    ),
    Talk(
        US,
        "Statement of account, {customer}",
        (
            Written(
                THEM,
                "1d 14:05",
                "Good afternoon,\n\nOur auditors ask for a statement of account as of the end of last month, in English if you can."
                " Invoice {invoice} is the only one we show as open on our side.",
            ),
            Written(
                US,
                "1d 15:30",
                "Dear {name},\n\nInvoice {invoice} over {total} is the only open one here, too. I attach it again;"
                " the statement itself is in your portal under Documents, where you can switch the language.",
                files=("invoice",),
            ),
            Written(
                THEM,
                "1d 17:20",
                "Found it, that is exactly what they need. Thank you for the quick answer.",
            ),
        ),
        who=3,
        is_english=True,
    ),
    Talk(
        US,
        "Remisión firmada de {invoice}",
        (
            Written(
                THEM,
                "1d 11:36",
                "Buenos días, envío la remisión firmada por bodega. Faltó una caja que el transportador entrega mañana.",
                files=("delivery",),
            ),
        ),
        who=4,
    ),
    Talk(
        US,
        "Distribuidora Peñalba: factura {invoice}",
        (
            Written(US, "2d 08:10", SENT_INVOICE, files=("invoice",)),
            Written(
                THEM,
                "2d 08:11",
                "Gracias por su mensaje. Estoy fuera de la oficina hasta el lunes. Para pagos urgentes escriba a tesorería.",
                headers={"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
            ),
        ),
        who=7,
    ),
    Talk(
        US,
        "Distribuidora Peñalba: factura {invoice}",
        (Written(US, "2d 08:12", SENT_INVOICE, files=("invoice",)),),
        who=8,
        has_bounced=True,
    ),
    Talk(
        US,
        "Actualización de RUT y dirección de facturación",
        (
            Written(
                THEM,
                "5d 09:50",
                "Buen día:\n\nNos trasladamos. Adjunto el RUT actualizado para que las próximas facturas salgan con la nueva dirección.",
                files=("registration",),
            ),
            Written(
                US,
                "5d 10:35",
                "Buenos días, {name}:\n\nActualizamos los datos de {customer}. Desde hoy sus facturas salen con la dirección nueva.",
            ),
        ),
        who=9,
    ),
    Talk(
        US,
        "Orden de compra en la factura {invoice}",
        (
            Written(
                THEM,
                "6d 14:22",
                "Para radicar {invoice} nuestro sistema pide el número de la orden de compra en el cuerpo de la factura. Es la OC-2291.",
            ),
            Written(
                US,
                "6d 15:05",
                "{name}, queda anotada la OC-2291 y la enviamos de nuevo. Para las próximas la pedimos desde la cotización.",
            ),
            Written(THEM, "6d 16:40", "Perfecto, ya quedó radicada. Mil gracias."),
        ),
        who=10,
    ),
    Talk(
        US,
        "Certificado de retención en la fuente",
        (
            Written(
                THEM,
                "14d 10:10",
                "Buenos días, ¿nos envían el certificado de retenciones del bimestre? Lo necesitamos para la declaración.",
            ),
            Written(
                US,
                "14d 11:45",
                "Con gusto, {name}. Queda publicado hoy en su portal, en Documentos.",
            ),
        ),
        who=11,
        folder="Archive",
    ),
    Talk(
        US,
        "Nuevo contacto para pagos",
        (
            Written(
                THEM,
                "18d 09:30",
                "Desde este mes quien programa los pagos en {customer} soy yo. Por favor dirijan a este correo facturas y estados de cuenta.",
            ),
        ),
        who=12,
        folder="Archive",
    ),
)
