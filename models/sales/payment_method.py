"""How a customer pays from now on: what a payment provider keeps, known here by its token only (S2-16)."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, Select, select, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import EditableRecord
from models.column_types import Sealed
from models.keys import belongs_to
from models.people.customer import Customer
from models.public_id import uuid7
from models.sealing import keyring


class SavedPaymentMethod(EditableRecord):
    """A card or account at a provider. Its number never comes here: four digits and a brand to know it by."""

    __tablename__ = "payment_method"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        Index("ix_payment_method_by_customer", "organization_id", "customer_id", "id"),
        Index(
            "uq_payment_method_one_default",
            "customer_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        CheckConstraint("last4 ~ '^[0-9]{4}$'", name="last4_are_four_digits"),
        CheckConstraint("expires_month BETWEEN 1 AND 12", name="month_is_one"),
    )

    customer_id: Mapped[int] = mapped_column()
    provider: Mapped[str] = mapped_column()
    token_sealed: Mapped[str] = mapped_column(Sealed, info={"secret": True})
    brand: Mapped[str] = mapped_column()
    last4: Mapped[str] = mapped_column()
    expires_year: Mapped[int | None] = mapped_column()
    expires_month: Mapped[int | None] = mapped_column()
    is_default: Mapped[bool] = mapped_column(default=False)

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(SavedPaymentMethod.customer_id) == Customer.id
    )

    def __init__(self, **fields: Any) -> None:
        # First of all: the token is bound to it.
        super().__init__(**{"public_id": uuid7(), **fields})

    @property
    def token(self) -> str:
        """By what the provider knows it."""
        return keyring.open(self.token_sealed, bound_to=f"payment_method:{self.public_id}:token")

    @token.setter
    def token(self, token: str) -> None:
        bound_to = f"payment_method:{self.public_id}:token"
        self.token_sealed = keyring.seal(token, bound_to=bound_to)

    @classmethod
    def of_customer(cls, customer_id: int) -> Select[Any]:
        """What a customer may pay with, the default first."""
        return select(cls).where(cls.customer_id == customer_id).order_by(~cls.is_default, cls.id)

    def __str__(self) -> str:
        return f"{self.brand} •••• {self.last4}"
