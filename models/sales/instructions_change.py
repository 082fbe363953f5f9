"""That customers are to pay in another way than before, and how far they have been told (pains C-10)."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord


class InstructionsChange(OrganizationRecord):
    """A change of an organization's payment instructions, written by a trigger whoever makes it.

    It is the queue of who is to hear of it: `told_customer_id` is the last customer who was written to, by their keys;
    with `told_at` nobody is left.
    """

    __tablename__ = "payment_instructions_change"
    __table_args__ = (
        Index(
            "ix_payment_instructions_change_waiting",
            "organization_id",
            "id",
            postgresql_where=text("told_at IS NULL"),
        ),
    )
    __audited__ = False

    told_customer_id: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column()

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M}"
