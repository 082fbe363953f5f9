"""Invoices as a sheet says them: the rows of one number read, compared with each other and added up."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _

from models.people.customer import Customer
from models.sales.document import DocumentLine
from services.system.imports.cells import LARGEST, CellReader, quoted
from services.system.imports.codes import currency_code
from services.system.imports.record_keys import LONGEST_NUMBER, document_number
from services.system.imports.records import SheetRecord
from services.system.imports.sheet import Survey


@dataclass
class DraftLine:
    """One line, with its amounts once the currency is known."""

    line: int
    description: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)


@dataclass
class InvoiceDraft:
    """An invoice of the sheet; `said` has the header's values and `said_on` their rows. Blank ones follow the customer."""

    record: SheetRecord
    series: str = ""
    number: str = ""
    said: dict[str, Any] = field(default_factory=dict)
    said_on: dict[str, CellReader] = field(default_factory=dict)
    lines: list[DraftLine] = field(default_factory=list)
    readers: list[CellReader] = field(default_factory=list)
    customer: Customer | None = None
    currency: str = ""
    issue_date: date = date.min
    due_date: date = date.min
    subtotal: Decimal = Decimal(0)
    tax_total: Decimal = Decimal(0)

    @property
    def place(self) -> tuple[str, int]:
        """What makes an invoice the same one."""
        return self.series, int(self.number)

    @property
    def label(self) -> str:
        return f"{self.series}-{self.number}" if self.series else self.number

    @property
    def is_wrong(self) -> bool:
        return bool(self.record.wrong)

    def reject(self, field_name: str, reason: str, *, line: int | None = None) -> None:
        """Keep the invoice out; the row is where the field was said, or the first one."""
        reader = self.said_on.get(field_name, self.readers[0])
        if line is not None:
            reader = next(each for each in self.readers if each.row.line == line)
        before = len(reader.wrong)
        reader.reject(field_name, reason)
        self.record.wrong += reader.wrong[before:]


def read_invoice(record: SheetRecord, found: Survey) -> InvoiceDraft:
    """The invoice of these rows; what is wrong with it stands in `record.wrong`."""
    readers = [CellReader(row, found.mapping, found.notation) for row in record.rows]
    draft = InvoiceDraft(record, readers=readers)
    for reader in readers:
        _read_number(draft, reader)
        _read_header(draft, reader)
        _read_line(draft, reader)
    for name in ("customer_number", "issue_date"):
        if name not in draft.said and not any(reader.has_wrong(name) for reader in readers):
            readers[0].reject(name, _("This is missing."))
    issued, due = draft.said.get("issue_date"), draft.said.get("due_date")
    if issued and due and due < issued:
        draft.said_on["due_date"].reject("due_date", _("This is before the issue date."))
    record.take_wrong(readers)
    return draft


def _read_number(draft: InvoiceDraft, reader: CellReader) -> None:
    number = reader.text("number", longest=60)
    series = reader.text("series", longest=20)
    if number is None:
        if not reader.has_wrong("number"):
            reader.reject("number", _("This is missing."))
    elif document_number(number) is None:
        reader.reject(
            "number",
            _(
                "“%(text)s” is not a number of 1 to %(digits)d digits. Letters belong to the series.",
                text=quoted(number),
                digits=LONGEST_NUMBER,
            ),
        )
    elif not draft.number:
        draft.number, draft.series = number, series or ""


def _read_header(draft: InvoiceDraft, reader: CellReader) -> None:
    values: dict[str, Any] = {
        "customer_number": reader.text("customer_number", longest=40),
        "issue_date": reader.day("issue_date"),
        "due_date": reader.day("due_date"),
        "currency": currency_code(reader),
    }
    for name, value in values.items():
        if value is None:
            continue
        if draft.said.setdefault(name, value) != value:
            other = draft.said_on[name].row.line
            reader.reject(
                name,
                _(
                    "Line %(line)d of the same invoice says “%(value)s”.",
                    line=other,
                    value=_shown(draft.said[name]),
                ),
            )
        draft.said_on.setdefault(name, reader)


def _read_line(draft: InvoiceDraft, reader: CellReader) -> None:
    description = reader.text("description", longest=2_000, lines=True)
    quantity, price = reader.number("quantity"), reader.number("unit_price")
    rate = reader.number("tax_rate")
    values = {
        "description": description,
        "quantity": quantity,
        "unit_price": price,
        "tax_rate": rate,
    }
    for name, value in values.items():
        if value is None and not reader.has_wrong(name):
            reader.reject(name, _("This is missing."))
    if rate is not None and not 0 <= rate <= 100:
        reader.reject("tax_rate", _("A tax rate is between 0 and 100."))
    elif rate is not None and 0 < rate < 1 and isinstance(reader.row.cells["tax_rate"], Decimal):
        # A cell formatted as a percentage holds 0.19 and shows 19 %.
        reader.reject("tax_rate", _("Write the rate in per cent: 19 instead of 0.19."))
    if description and quantity is not None and price is not None and rate is not None:
        if abs(quantity * price) >= LARGEST:
            reader.reject("unit_price", _("This number is too large."))
        draft.lines.append(DraftLine(reader.row.line, description, quantity, price, rate))


def add_up(draft: InvoiceDraft, customer: Customer) -> None:
    """Fill in what follows from the customer, and compute lines and totals as every document does."""
    draft.customer = customer
    draft.currency = draft.said.get("currency") or customer.currency
    draft.issue_date = draft.said["issue_date"]
    terms = timedelta(days=customer.payment_terms_days)
    draft.due_date = draft.said.get("due_date") or draft.issue_date + terms
    for line in draft.lines:
        counted = DocumentLine(
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount_percent=Decimal(0),
            tax_rate=line.tax_rate,
        )
        counted.add_up(draft.currency)
        line.net, line.tax = counted.net, counted.tax
    draft.subtotal = sum((line.net for line in draft.lines), Decimal(0))
    draft.tax_total = sum((line.tax for line in draft.lines), Decimal(0))
    if abs(draft.subtotal) + abs(draft.tax_total) >= LARGEST:
        draft.reject("unit_price", _("The total of this invoice is too large."))


def _shown(value: Any) -> str:
    return format_date(value, "medium") if isinstance(value, date) else quoted(str(value))
