"""Payments and what they pay."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, FetchedValue, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, OrganizationRecord, within_organization
from models.column_types import Money
from models.keys import belongs_to
from models.people.customer import Customer
from models.sales.document import Document


class PaymentMethod(StrEnum):
    """How a customer paid."""

    TRANSFER = "transfer"
    CARD = "card"
    CASH = "cash"
    DIRECT_DEBIT = "direct_debit"
    CHEQUE = "cheque"

    @classmethod
    def labels(cls) -> dict["PaymentMethod", Any]:
        return {
            cls.TRANSFER: _l("Bank transfer"),
            cls.CARD: _l("Card"),
            cls.CASH: _l("Cash"),
            cls.DIRECT_DEBIT: _l("Direct debit"),
            cls.CHEQUE: _l("Cheque"),
        }


class Payment(EditableRecord):
    """Money that a customer sent; allocations say for which documents.

    Triggers keep `unallocated`, what they leave of the amount (`docs/decisions/0030-balances-are-what-is-open.md`).
    """

    __tablename__ = "payment"
    __table_args__ = (
        within_organization(),
        belongs_to("customer"),
        CheckConstraint("amount > 0", name="amount_is_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        Index("ix_payment_by_customer", "organization_id", "customer_id", "paid_on", "id"),
        Index("ix_payment_by_date", "organization_id", "paid_on", "id"),
        Index(
            "ix_payment_unallocated",
            "organization_id",
            "customer_id",
            "currency",
            postgresql_include=["unallocated"],
            postgresql_where=text("unallocated <> 0"),
        ),
    )
    __admin__ = AdminInfo(
        label=_l("Payment"),
        plural=_l("Payments"),
        menu=(_l("Common tasks"), _l("Payments")),
        icon="cash",
        title="reference",
        sort="-paid_on",
        order=4,
    )

    customer_id: Mapped[int] = mapped_column()
    paid_on: Mapped[date] = mapped_column(info={"label": _l("Date")})
    method: Mapped[PaymentMethod] = mapped_column(
        default=PaymentMethod.TRANSFER, info={"label": _l("Method")}
    )
    reference: Mapped[str] = mapped_column(
        default="", info={"label": _l("Reference"), "order": 1, "bulk": False}
    )
    amount: Mapped[Decimal] = mapped_column(
        Money, info={"label": _l("Amount"), "money": "currency", "bulk": False}
    )
    currency: Mapped[str] = mapped_column(
        info={"label": _l("Currency"), "widget": "currency", "list": False}
    )
    unallocated: Mapped[Decimal] = mapped_column(
        Money, server_default=FetchedValue(), info={"hidden": True}
    )

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(Payment.customer_id) == Customer.id,
        info={"label": _l("Customer"), "bulk": False},
    )
    allocations: Mapped[list["PaymentAllocation"]] = relationship(
        primaryjoin=lambda: foreign(PaymentAllocation.payment_id) == Payment.id,
        cascade="all, delete-orphan",
        order_by=lambda: PaymentAllocation.id,
        back_populates="payment",
        info={"label": _l("Paid documents"), "inline": True},
    )

    def __str__(self) -> str:
        return self.reference or f"{self.paid_on:%Y-%m-%d} {self.amount:.2f} {self.currency}"


class PaymentAllocation(OrganizationRecord):
    """The part of a payment that goes to one document.

    A trigger keeps the document's balance and state, and refuses more than is due, another customer's
    document or another currency.
    """

    __tablename__ = "payment_allocation"
    __table_args__ = (
        belongs_to("payment", ondelete="CASCADE"),
        belongs_to("document"),
        UniqueConstraint("organization_id", "payment_id", "document_id"),
        CheckConstraint("amount > 0", name="amount_is_positive"),
        Index("ix_payment_allocation_document_id", "document_id"),
    )

    payment_id: Mapped[int] = mapped_column()
    document_id: Mapped[int] = mapped_column()
    amount: Mapped[Decimal] = mapped_column(Money, info={"label": _l("Amount")})

    payment: Mapped[Payment] = relationship(
        primaryjoin=lambda: foreign(PaymentAllocation.payment_id) == Payment.id,
        back_populates="allocations",
    )
    document: Mapped[Document] = relationship(
        primaryjoin=lambda: foreign(PaymentAllocation.document_id) == Document.id,
        info={"label": _l("Document")},
    )

    def __str__(self) -> str:
        return f"{self.document}: {self.amount:.2f}"
