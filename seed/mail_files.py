"""The files that go with the demo's mail: drawn and written as offices send them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

import typst

from files.sheet_writing import Value, write_xlsx
from seed.words import PRODUCTS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAPER = """\
#let page_ = json(bytes(sys.inputs.page))
#set page(width: 148mm, height: auto, margin: 12mm, fill: rgb("#fdfdfb"))
#set text(size: 10pt, lang: "es")
#block(fill: rgb(page_.colour), width: 100%, inset: 8pt, text(fill: white, size: 13pt, weight: "bold", page_.title))
#v(4pt)
#table(columns: (1fr, 2fr), stroke: (bottom: 0.4pt + gray), inset: 6pt, ..page_.rows.flatten())
#v(6pt)
#page_.note
#if page_.signature != "" [
  #v(16pt)
  #text(size: 20pt, style: "italic", fill: rgb("#20357a"), page_.signature)
  #line(length: 60mm, stroke: 0.4pt)
]
"""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file in a message."""

    name: str
    media_type: str
    content: bytes


def file_of(kind: str, said: Mapping[str, str]) -> MailFile:
    """The file of this kind, with the names and numbers of the conversation it is in."""
    return FILES[kind](said)


def _drawn(
    form: Literal["pdf", "png"],
    title: str,
    colour: str,
    rows: Sequence[tuple[str, str]],
    **rest: str,
) -> bytes:
    page = {"title": title, "colour": colour, "rows": rows, "note": "", "signature": "", **rest}
    inputs = {"page": json.dumps(page, ensure_ascii=False)}
    return typst.compile(PAPER.encode(), format=form, ppi=110.0, sys_inputs=inputs)


def _receipt(form: Literal["pdf", "png"], said: Mapping[str, str]) -> bytes:
    rows = [
        ("Fecha", said["today"]),
        ("Ordenante", said["customer"]),
        ("Beneficiario", said["company"]),
        ("Valor", said["total"]),
        ("Concepto", said["invoice"]),
        ("Estado", "Aprobada"),
    ]
    note = "Transferencia entre cuentas del mismo banco. Conserve este comprobante."
    return _drawn(form, "Banco del Valle: transferencia", "#12395b", rows, note=note)


def _payment(said: Mapping[str, str]) -> MailFile:
    return MailFile(f"comprobante {said['invoice']}.pdf", "application/pdf", _receipt("pdf", said))


def _slip(said: Mapping[str, str]) -> MailFile:
    return MailFile("captura banco.png", "image/png", _receipt("png", said))


def _delivery(said: Mapping[str, str]) -> MailFile:
    rows = [
        ("Cliente", said["customer"]),
        ("Factura", said["invoice"]),
        ("Bultos", "12 cajas"),
        ("Novedad", "1 caja abierta; llega mañana"),
    ]
    content = _drawn("png", "Remisión de entrega", "#5d4a1f", rows, signature=said["full"])
    return MailFile("remision firmada.png", "image/png", content)


def _registration(said: Mapping[str, str]) -> MailFile:
    rows = [
        ("Razón social", said["customer"]),
        ("Dirección", "Carrera 43A n.º 1-50, oficina 801"),
        ("Responsabilidades", "05, 07, 14, 48"),
    ]
    content = _drawn("pdf", "Registro Único Tributario", "#3a3a3a", rows)
    return MailFile("RUT actualizado.pdf", "application/pdf", content)


def _contract(said: Mapping[str, str]) -> MailFile:
    rows = [
        ("Proveedor", said["company"]),
        ("Cliente", said["customer"]),
        ("Vigencia", "24 meses"),
        ("Cláusula 7", "Entregas en 48 horas; fuera de Bogotá, en 72."),
    ]
    note = "Precios fijos hasta junio; después se ajustan una vez al año con el IPC."
    content = _drawn("pdf", "Contrato de suministro", "#24543b", rows, note=note)
    return MailFile("contrato con observaciones.pdf", "application/pdf", content)


def _sheet(name: str, header: Sequence[str], rows: Sequence[Sequence[Value]]) -> MailFile:
    stream = BytesIO()
    write_xlsx(header, rows, stream)
    return MailFile(f"{name}.xlsx", XLSX, stream.getvalue())


def _order(_said: Mapping[str, str]) -> MailFile:
    rows = [(code, name, 4 + 3 * number) for number, (code, name, *_) in enumerate(PRODUCTS[:9])]
    return _sheet("pedido noviembre", ("Código", "Producto", "Cantidad"), rows)


def _reconciliation(said: Mapping[str, str]) -> MailFile:
    rows = [
        (said["invoice"], said["customer"], said["total"], "Pendiente"),
        ("RC-2207", said["customer"], "1.250.000", "Sin aplicar"),
        ("RC-2214", said["customer"], "880.000", "Sin aplicar"),
    ]
    return _sheet("conciliacion", ("Documento", "Cliente", "Valor", "Estado"), rows)


def _prices(_said: Mapping[str, str]) -> MailFile:
    rows = [(code, name, unit, price) for code, name, unit, price in PRODUCTS]
    return _sheet("price list 2027", ("Code", "Product", "Unit", "USD"), rows)


FILES: Mapping[str, Callable[[Mapping[str, str]], MailFile]] = {
    "receipt": _payment,
    "slip": _slip,
    "delivery": _delivery,
    "registration": _registration,
    "contract": _contract,
    "order": _order,
    "reconciliation": _reconciliation,
    "prices": _prices,
}
