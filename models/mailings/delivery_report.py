"""What came back of a message: reports of other servers that somebody has not got it (X1-08)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Select, SmallInteger, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.keys import belongs_to


class ReportGrade(StrEnum):
    """`hard`: the address does not exist; `soft`: the message was not taken; `delayed`: it is still tried."""

    HARD = "hard"
    SOFT = "soft"
    DELAYED = "delayed"


class DeliveryReport(OrganizationRecord):
    """One report about one address of a delivery, with the message that says so.

    Not `is_certain`: it does not name the delivery, or not its address. Such a report is shown and changes nothing, since
    anybody could have written it.
    """

    __tablename__ = "delivery_report"
    __audited__ = False
    __table_args__ = (
        belongs_to("delivery", ondelete="CASCADE"),
        belongs_to("message"),
        UniqueConstraint("organization_id", "message_id", "delivery_id", "address_norm"),
        Index("ix_delivery_report_delivery_id", "organization_id", "delivery_id"),
    )

    delivery_id: Mapped[int] = mapped_column()
    message_id: Mapped[int] = mapped_column()
    address_norm: Mapped[str] = mapped_column()
    grade: Mapped[ReportGrade] = mapped_column()
    is_certain: Mapped[bool] = mapped_column()
    status: Mapped[str | None] = mapped_column()  # as RFC 3463 has it: 5.1.1
    smtp_code: Mapped[int | None] = mapped_column(SmallInteger)
    diagnostic: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime] = mapped_column()

    @classmethod
    def of_delivery(cls, delivery_id: int) -> Select[Any]:
        """What was reported of it, the oldest first."""
        return select(cls).where(cls.delivery_id == delivery_id).order_by(cls.reported_at, cls.id)

    @property
    def words(self) -> str:
        """What the server said, or the code alone."""
        return self.diagnostic or " ".join(
            filter(None, [str(self.smtp_code or ""), self.status or ""])
        )
