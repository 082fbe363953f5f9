"""Which columns a sheet of customers or of invoices may have, and what they are called."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from errors import NotFound
from files.column_mapping import Field


class ImportSubject(StrEnum):
    """What a sheet is about; stored with each import."""

    CUSTOMERS = "customers"
    INVOICES = "invoices"

    @classmethod
    def labels(cls) -> dict["ImportSubject", Any]:
        return {cls.CUSTOMERS: _l("Customers"), cls.INVOICES: _l("Invoices")}

    @classmethod
    def named(cls, name: str) -> "ImportSubject":
        """The subject with this name; raises NotFound."""
        try:
            return cls(name)
        except ValueError:
            raise NotFound(str(_l("There is no such import."))) from None


CUSTOMER_FIELDS = (
    Field(
        "number",
        (
            "número",
            "nº",
            "número de cliente",
            "número del cliente",
            "número del tercero",
            "código",
            "código de cliente",
            "nº cliente",
        ),
        ("no", "customer number", "customer no", "customer code", "code"),
        required=True,
    ),
    Field(
        "name",
        ("nombre", "cliente", "nombre del cliente", "razón social", "tercero"),
        ("customer", "customer name", "company", "company name"),
        required=True,
    ),
    Field(
        "tax_id_type",
        ("tipo de identificación", "tipo de documento", "tipo de NIT", "tipo de NIF", "tipo id"),
        ("tax id type", "type of tax id"),
    ),
    Field(
        "tax_id",
        (
            "NIT",
            "NIF",
            "CIF",
            "RFC",
            "RUC",
            "RUT",
            "CUIT",
            "identificación",
            "identificación fiscal",
            "número fiscal",
        ),
        ("tax number", "VAT number", "VAT id", "tax identification"),
    ),
    Field(
        "group",
        ("grupo", "grupo de clientes", "código de grupo", "código del grupo de clientes"),
        ("customer group", "group code", "code of the customer group"),
    ),
    Field("language", ("idioma", "lengua"), ("lang",)),
    Field("currency", ("moneda", "divisa"), ("currency code",)),
    Field(
        "contact_name",
        ("contacto", "nombre de contacto", "nombre del contacto", "persona de contacto"),
        ("contact", "contact person", "name of the contact"),
    ),
    Field(
        "email",
        ("correo", "correo electrónico", "correo del contacto", "dirección de correo"),
        ("e-mail", "mail", "e-mail address", "contact email", "e-mail of the contact"),
    ),
    Field(
        "contact_roles",
        (
            "roles",
            "rol",
            "funciones",
            "función",
            "funciones del contacto",
            "roles del contacto",
            "roles de contacto",
        ),
        ("role", "contact role", "roles of the contact"),
    ),
)

INVOICE_FIELDS = (
    Field("series", ("serie", "prefijo"), ("prefix",)),
    Field(
        "number",
        ("número", "nº", "número de factura", "factura", "factura nº", "nº factura"),
        ("no", "invoice", "invoice number", "invoice no"),
        required=True,
    ),
    Field(
        "customer_number",
        (
            "número de cliente",
            "número del cliente",
            "número del tercero",
            "cliente",
            "tercero",
            "código de cliente",
            "nº cliente",
        ),
        ("customer", "customer no", "customer code", "number of the customer"),
        required=True,
    ),
    Field(
        "issue_date",
        ("fecha", "fecha de emisión", "emisión", "fecha emisión", "fecha de factura"),
        ("date", "issued", "invoice date", "issued on"),
        required=True,
    ),
    Field(
        "due_date",
        ("vencimiento", "fecha de vencimiento", "vence", "fecha vencimiento"),
        ("due", "due on"),
    ),
    Field("currency", ("moneda", "divisa"), ("currency code",)),
    Field(
        "description",
        ("descripción", "concepto", "detalle", "artículo"),
        ("item", "concept"),
        required=True,
    ),
    Field("quantity", ("cantidad", "cant", "unidades"), ("qty",), required=True),
    Field(
        "unit_price",
        ("precio unitario", "precio", "valor unitario", "precio por unidad"),
        ("price",),
        required=True,
    ),
    Field(
        "tax_rate",
        (
            "IVA",
            "impuesto",
            "impuesto en %",
            "tasa de impuesto",
            "tipo impositivo",
            "% IVA",
            "tipo de IVA",
        ),
        ("tax", "tax in %", "VAT", "VAT rate", "tax percent"),
        required=True,
    ),
)

FIELDS: dict[ImportSubject, Sequence[Field]] = {
    ImportSubject.CUSTOMERS: CUSTOMER_FIELDS,
    ImportSubject.INVOICES: INVOICE_FIELDS,
}
NUMBER_FIELDS = ("quantity", "unit_price", "tax_rate")
DATE_FIELDS = ("issue_date", "due_date")

FIELD_LABELS: dict[str, Any] = {
    "number": _l("Number"),
    "name": _l("Name"),
    "tax_id_type": _l("Tax id type"),
    "tax_id": _l("Tax id"),
    "group": _l("Code of the customer group"),
    "language": _l("Language"),
    "currency": _l("Currency"),
    "contact_name": _l("Name of the contact"),
    "email": _l("E-mail of the contact"),
    "contact_roles": _l("Roles of the contact"),
    "series": _l("Series"),
    "customer_number": _l("Number of the customer"),
    "issue_date": _l("Issue date"),
    "due_date": _l("Due date"),
    "description": _l("Description"),
    "quantity": _l("Quantity"),
    "unit_price": _l("Unit price"),
    "tax_rate": _l("Tax in %"),
}
