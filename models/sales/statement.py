"""Statements of account: what a customer owed, what moved it in a period, and what they owe at its end."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, OrganizationRecord
from models.column_types import Money
from models.keys import belongs_to
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState


class MovementKind(StrEnum):
    """What moves a customer's account."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    REFUND = "refund"

    @classmethod
    def labels(cls) -> dict["MovementKind", Any]:
        return {
            cls.INVOICE: _l("Invoice"),
            cls.CREDIT_NOTE: _l("Credit note"),
            cls.PAYMENT: _l("Payment"),
            cls.REFUND: _l("Refund"),
        }


class Statement(Document):
    """An account over a period, as it was when it was issued. It is not owed and moves no balance.

    `period_start` to `issue_date` is the period, `total` the balance at its end; `balance_due` is always 0. `aged`
    says how old that balance is: not due, each of the buckets of `services/sales/ageing.py`, and what is in favour
    of the customer, below zero; together they are the total.
    """

    __mapper_args__ = {"polymorphic_identity": DocumentKind.STATEMENT}
    __admin__ = AdminInfo(
        label=_l("Statement of account"),
        plural=_l("Statements of account"),
        menu=(_l("Common tasks"), _l("Statements of account")),
        icon="list-details",
        title="label",
        sort="-issue_date",
        order=6,
        read_only=True,  # issued as a whole (`services/sales/issuing_statements.py`), never written by hand
    )

    period_start: Mapped[date | None] = mapped_column(info={"label": _l("Period from")})
    opening_balance: Mapped[Decimal | None] = mapped_column(
        Money, info={"label": _l("Opening balance"), "money": "currency"}
    )
    aged: Mapped[list[Decimal] | None] = mapped_column(ARRAY(Money), info={"hidden": True})

    movements: Mapped[list["StatementLine"]] = relationship(
        primaryjoin=lambda: foreign(StatementLine.document_id) == Statement.id,
        cascade="all, delete-orphan",
        order_by=lambda: StatementLine.position,
        back_populates="statement",
    )

    @classmethod
    def of_period(cls, first: date, last: date) -> Select[Any]:
        """Those in force for exactly this period: there is one for each customer and currency."""
        return select(cls).where(
            cls.period_start == first,
            cls.issue_date == last,
            cls.state != DocumentState.VOID,
        )


# A table's further constraints, since a class without a table of its own cannot name them.
Document.__table__.append_constraint(
    CheckConstraint(
        "(kind = 'statement') = (period_start IS NOT NULL AND opening_balance IS NOT NULL AND aged IS NOT NULL)",
        name="statement_has_period",
    )
)
Document.__table__.append_constraint(
    CheckConstraint(
        "kind <> 'statement' OR (period_start <= issue_date AND balance_due = 0)",
        name="statement_is_not_owed",
    )
)
Index(
    "uq_document_statement",
    Document.organization_id,
    Document.customer_id,
    Document.currency,
    Statement.period_start,
    Document.issue_date,
    unique=True,
    postgresql_where=text("kind = 'statement' AND state <> 'void'"),
)


class StatementLine(OrganizationRecord):
    """One movement of a statement: never changed, like the lines of every posted document (a trigger says so)."""

    __tablename__ = "statement_line"
    __table_args__ = (
        belongs_to("document", ondelete="CASCADE"),
        UniqueConstraint("document_id", "position"),
        CheckConstraint("debit >= 0 AND credit >= 0", name="sides_are_positive"),
        CheckConstraint("debit = 0 OR credit = 0", name="one_side_moves"),
    )
    __audited__ = False

    document_id: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    day: Mapped[date] = mapped_column()
    kind: Mapped[MovementKind] = mapped_column()
    label: Mapped[str] = mapped_column(default="")
    debit: Mapped[Decimal] = mapped_column(Money)
    credit: Mapped[Decimal] = mapped_column(Money)
    balance: Mapped[Decimal] = mapped_column(Money)

    statement: Mapped[Statement] = relationship(
        primaryjoin=lambda: foreign(StatementLine.document_id) == Statement.id,
        back_populates="movements",
    )

    def __str__(self) -> str:
        return self.label
