"""The lines of a document as one reads them: what it is, how much of it, at which price, and what it comes to."""

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from admin_views import reader_formats as reader
from admin_views.formatters import money_cell
from models.sales.document import Document, DocumentLine

FIGURE = "r num"


def lines_to_read(document: Document) -> dict[str, Any]:
    """Columns and rows; discounts have a column only where there is one."""
    has_discounts = any(line.discount_percent for line in document.lines)
    columns = [
        (_("Description"), "c-text"),
        (_("Quantity"), FIGURE),
        (_("Unit price"), FIGURE),
        *([(_("Discount"), FIGURE)] if has_discounts else []),
        (_("Tax"), "num"),
        (_("Amount"), FIGURE),
    ]
    return {
        "columns": columns,
        "rows": [_row(line, document.currency, has_discounts) for line in document.lines],
    }


def _row(line: DocumentLine, currency: str, has_discounts: bool) -> list[Any]:
    quantity = " ".join(filter(None, [reader.number(line.quantity), line.unit]))
    discount = f"{reader.number(line.discount_percent)} %" if line.discount_percent else ""
    tax = f"{line.tax_name} {reader.number(line.tax_rate)} %"
    return [
        _name(line),
        quantity,
        reader.price(line.unit_price, currency),
        *([discount] if has_discounts else []),
        tax,
        money_cell(line.net, currency, code=False),
    ]


def _name(line: DocumentLine) -> Markup:
    code = (
        Markup('<small class="dim text-nowrap">{}</small>').format(line.item_code)
        if line.item_code
        else ""
    )
    return Markup("{} {}").format(line.description, code)
