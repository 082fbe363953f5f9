"""Documents and their lines. Quotes, sales orders, invoices and credit notes: one table, one kind each.

Statements of account are documents too (`models/sales/statement.py`).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Computed, Index, Select, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, foreign, mapped_column, relationship

from models.base import (
    AdminInfo,
    EditableRecord,
    InBranch,
    OrganizationRecord,
    within_organization,
)
from models.column_types import Money, Percent, Quantity
from models.keys import belongs_to
from models.people.customer import Customer
from models.people.organization import Branch
from models.sales.document_indexes import document_indexes
from models.sales.document_state import (
    NEXT_STATES,
    STATES_OF_KINDS,
    DocumentKind,
    DocumentState,
    days_overdue,
    is_owed,
)
from models.sales.money import rounded
from models.states import move


class Document(InBranch, EditableRecord):
    """What we write to a customer about money. Posted documents do not change (a trigger says so)."""

    __tablename__ = "document"
    __table_args__ = (
        within_organization(),
        belongs_to("customer"),
        belongs_to("branch"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint(STATES_OF_KINDS, name="state_fits_kind"),
        CheckConstraint("state = 'draft' OR number IS NOT NULL", name="posted_has_number"),
        *document_indexes(),
    )

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"polymorphic_on": "kind", "version_id_col": cls.version}

    kind: Mapped[DocumentKind] = mapped_column(info={"label": _l("Kind"), "hidden": True})
    series: Mapped[str] = mapped_column(
        default="", info={"label": _l("Series"), "list": False, "group": _l("Numbering")}
    )
    number: Mapped[str | None] = mapped_column(
        info={"label": _l("Number"), "list": False, "readonly": True}
    )
    number_int: Mapped[int | None] = mapped_column(info={"hidden": True})
    label: Mapped[str] = mapped_column(
        Computed(
            "CASE WHEN series = '' THEN coalesce(number, '') ELSE series || '-' || coalesce(number, '') END",
            persisted=True,
        ),
        info={"label": _l("Number"), "readonly": True, "order": 1},
    )
    customer_id: Mapped[int] = mapped_column()
    state: Mapped[DocumentState] = mapped_column(
        default=DocumentState.DRAFT, info={"label": _l("State"), "readonly": True}
    )
    issue_date: Mapped[date] = mapped_column(info={"label": _l("Issued")})
    due_date: Mapped[date] = mapped_column(info={"label": _l("Due")})
    currency: Mapped[str] = mapped_column(
        info={"label": _l("Currency"), "list": False, "widget": "currency"}
    )
    subtotal: Mapped[Decimal] = mapped_column(
        Money, default=Decimal(0), info={"label": _l("Subtotal"), "list": False, "readonly": True}
    )
    tax_total: Mapped[Decimal] = mapped_column(
        Money, default=Decimal(0), info={"label": _l("Taxes"), "list": False, "readonly": True}
    )
    total: Mapped[Decimal] = mapped_column(
        Money,
        default=Decimal(0),
        info={"label": _l("Total"), "readonly": True, "money": "currency"},
    )
    balance_due: Mapped[Decimal] = mapped_column(
        Money,
        default=Decimal(0),
        info={"label": _l("Balance"), "readonly": True, "money": "currency"},
    )
    bill_to: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, info={"hidden": True})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "list": False, "widget": "language"}
    )
    notes: Mapped[str | None] = mapped_column(
        info={"label": _l("Notes"), "list": False, "widget": "long"}
    )
    posted_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    void_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    first_sent_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("First sent"), "list": False, "readonly": True}
    )
    first_viewed_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Viewed"), "list": False, "readonly": True}
    )
    search_text: Mapped[str] = mapped_column(
        Computed(
            "fold(series || '-' || coalesce(number, '') || ' ' || coalesce(bill_to->>'name', '')"
            " || ' ' || coalesce(bill_to->>'tax_id', ''))",
            persisted=True,
        ),
        info={"hidden": True, "search": True},
    )

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(Document.customer_id) == Customer.id,
        info={"label": _l("Customer"), "bulk": False},
    )
    branch: Mapped[Branch | None] = relationship(
        primaryjoin=lambda: foreign(Document.branch_id) == Branch.id, info={"label": _l("Branch")}
    )
    lines: Mapped[list["DocumentLine"]] = relationship(
        primaryjoin=lambda: foreign(DocumentLine.document_id) == Document.id,
        cascade="all, delete-orphan",
        order_by=lambda: DocumentLine.position,
        back_populates="document",
        info={"label": _l("Lines"), "inline": True},
    )

    @classmethod
    def labelled(cls, label: str) -> Select[Any]:
        """The documents that people call by this name, such as FV-10518."""
        series, _dash, number = label.rpartition("-")
        fits = cls.number_int == int(number) if number.isdigit() else cls.number == number
        return select(cls).where(cls.series == series, fits)

    @property
    def is_owed(self) -> bool:
        """Whether it is an invoice on which something is still to be paid."""
        return is_owed(self.kind, self.state, self.balance_due)

    def days_overdue(self, today: date) -> int:
        """Days since the due date of an invoice that is still owed; 0 if nothing is late."""
        return days_overdue(self.kind, self.state, self.balance_due, self.due_date, today)

    def add_up(self) -> None:
        """Compute lines and totals: each line rounded in its currency, tax per line."""
        for position, line in enumerate(self.lines, start=1):
            line.position = position
            line.add_up(self.currency)
        self.subtotal = sum((line.net for line in self.lines), Decimal(0))
        self.tax_total = sum((line.tax for line in self.lines), Decimal(0))
        self.total = self.subtotal + self.tax_total
        if self.state is None or self.state is DocumentState.DRAFT:
            self.balance_due = self.total

    def change_state(self, to: DocumentState) -> None:
        move(self, to=to, following=NEXT_STATES[self.kind])

    def __str__(self) -> str:
        return self.label or ""


class DocumentLine(OrganizationRecord):
    """One line of a document; its amounts are in the document's currency."""

    __tablename__ = "document_line"
    __table_args__ = (
        belongs_to("document", ondelete="CASCADE"),
        Index("ix_document_line_document_id", "document_id", "position"),
        CheckConstraint("discount_percent BETWEEN 0 AND 100", name="discount_is_a_percentage"),
    )

    document_id: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    item_code: Mapped[str | None] = mapped_column(info={"label": _l("Code"), "width": "narrow"})
    description: Mapped[str] = mapped_column(info={"label": _l("Description"), "width": "wide"})
    quantity: Mapped[Decimal] = mapped_column(
        Quantity, default=Decimal(1), info={"label": _l("Quantity")}
    )
    unit: Mapped[str | None] = mapped_column(info={"label": _l("Unit"), "width": "narrow"})
    unit_price: Mapped[Decimal] = mapped_column(
        Money, default=Decimal(0), info={"label": _l("Unit price")}
    )
    discount_percent: Mapped[Decimal] = mapped_column(
        Percent, default=Decimal(0), info={"label": _l("Discount in %")}
    )
    tax_name: Mapped[str] = mapped_column(
        default="IVA", info={"label": _l("Tax"), "width": "narrow"}
    )
    tax_rate: Mapped[Decimal] = mapped_column(
        Percent, default=Decimal(0), info={"label": _l("Tax in %")}
    )
    net: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), info={"hidden": True})
    tax: Mapped[Decimal] = mapped_column(Money, default=Decimal(0), info={"hidden": True})

    document: Mapped[Document] = relationship(
        primaryjoin=lambda: foreign(DocumentLine.document_id) == Document.id, back_populates="lines"
    )

    def add_up(self, currency: str) -> None:
        """Net and tax of this line, each rounded to the currency's digits."""
        keep = 1 - (self.discount_percent or Decimal(0)) / 100
        self.net = rounded(self.quantity * self.unit_price * keep, currency)
        self.tax = rounded(self.net * (self.tax_rate or Decimal(0)) / 100, currency)

    def __str__(self) -> str:
        return self.description


class Invoice(Document):
    """What a customer owes for what was delivered."""

    __mapper_args__ = {"polymorphic_identity": DocumentKind.INVOICE}
    __admin__ = AdminInfo(
        label=_l("Invoice"),
        plural=_l("Invoices"),
        menu=(_l("Common tasks"), _l("Invoices")),
        icon="file-invoice",
        title="label",
        sort="-issue_date",
        order=1,
    )


class CreditNote(Document):
    """What we give back on an invoice."""

    __mapper_args__ = {"polymorphic_identity": DocumentKind.CREDIT_NOTE}
    __admin__ = AdminInfo(
        label=_l("Credit note"),
        plural=_l("Credit notes"),
        menu=(_l("Finance"), _l("Receivables"), _l("Credit notes")),
        icon="receipt-refund",
        title="label",
        sort="-issue_date",
        order=5,
    )


class Quote(Document):
    """What something would cost; it may be accepted or declined."""

    __mapper_args__ = {"polymorphic_identity": DocumentKind.QUOTE}
    __admin__ = AdminInfo(
        label=_l("Quote"),
        plural=_l("Quotes"),
        menu=(_l("Common tasks"), _l("Quotes")),
        icon="file-description",
        title="label",
        sort="-issue_date",
        order=3,
    )


class SalesOrder(Document):
    """What a customer has ordered."""

    __mapper_args__ = {"polymorphic_identity": DocumentKind.SALES_ORDER}
    __admin__ = AdminInfo(
        label=_l("Sales order"),
        plural=_l("Sales orders"),
        menu=(_l("Finance"), _l("Receivables"), _l("Sales orders")),
        icon="file-check",
        title="label",
        sort="-issue_date",
        order=4,
    )
