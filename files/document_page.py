"""What a printed document says: texts ready to be set, in the order in which they are read.

Amounts, quantities and dates come formatted for the document's language and currency; a blank
text leaves its place out. Words that belong to the layout ("Due date") stand in
`templates/pdf/labels.json`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DocumentKind(StrEnum):
    """The kinds of document that have a page; each is a template in `templates/pdf/`."""

    INVOICE = "invoice"
    QUOTE = "quote"
    SALES_ORDER = "sales_order"
    CREDIT_NOTE = "credit_note"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationBlock:
    """Who issues the document. `logo` is a PNG, JPEG, GIF or SVG picture."""

    name: str
    legal_name: str = ""
    tax_id_label: str = ""
    tax_id: str = ""
    address_lines: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    web: str = ""
    logo: bytes | None = None
    brand_colour: str = "#0b5a73"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerBlock:
    """Who the document is for."""

    name: str
    legal_name: str = ""
    tax_id_label: str = ""
    tax_id: str = ""
    address_lines: tuple[str, ...] = ()
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageLine:
    """One line of the table; a column that is blank on every line is not shown."""

    description: str
    quantity: str
    unit_price: str
    total: str
    code: str = ""
    unit: str = ""
    discount: str = ""
    tax: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """One rate of the tax summary, such as "IVA 19 %", with its base and its amount."""

    label: str
    base: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementRow:
    """One movement of a statement of account; `kind` is a word of `labels.json`, one side is blank."""

    day: str
    kind: str
    label: str
    debit: str
    credit: str
    balance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountTable:
    """What a statement of account has in the place of lines.

    `ages` are amounts as the template's columns stand: not due, 1 to 30 days late, 31 to 60, 61 to 90, more than
    90, in favour of the customer. `is_owed` and `is_in_favour` say on which side the balance is; neither: it is zero.
    """

    period_start: str
    period_end: str
    opening: str
    movements: tuple[MovementRow, ...]
    debits: str
    credits: str
    closing: str
    outstanding: str  # the same without its sign
    ages: tuple[str, ...]
    is_owed: bool
    is_in_favour: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """Everything that `files.pdf.render_document` sets on paper.

    `rendered_as_of` is written into the file as its date: the same page gives the same bytes,
    so use a moment of the document (when it was posted or last changed), not the present one.
    """

    kind: DocumentKind
    language: str
    number: str
    currency: str
    organization: OrganizationBlock
    customer: CustomerBlock
    lines: tuple[PageLine, ...]
    subtotal: str
    total: str
    rendered_as_of: datetime
    issue_date: str
    due_date: str = ""
    valid_until: str = ""
    delivery_date: str = ""
    refers_to: str = ""
    refers_to_date: str = ""
    reason: str = ""
    customer_reference: str = ""
    discount: str = ""
    taxes: tuple[TaxRow, ...] = ()
    paid: str = ""
    amount_due: str = ""
    is_paid: bool = False
    payment_terms: str = ""
    payment_instructions: str = ""
    notes: str = ""
    document_url: str = ""
    has_qr: bool = True
    account: AccountTable | None = None  # of a statement of account
