"""Who gets nothing from a mailing, and why."""

from sqlalchemy import BigInteger, ColumnElement, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailings.reason import ReasonCode


class MailingExclusion(OrganizationRecord):
    """A customer or document in the range that gets no message, and why."""

    __tablename__ = "mailing_exclusion"
    __table_args__ = (
        belongs_to("mailing", ondelete="CASCADE"),
        belongs_to("customer"),
        belongs_to("document"),
        belongs_to("delivery"),
        Index("ix_mailing_exclusion_mailing_id", "mailing_id", "id"),
        Index("ix_mailing_exclusion_by_customer", "organization_id", "customer_id"),
        Index(
            "ix_mailing_exclusion_delivery_id",
            "delivery_id",
            postgresql_where=text("delivery_id IS NOT NULL"),
        ),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    contact_id: Mapped[int | None] = mapped_column()
    address: Mapped[str | None] = mapped_column()
    reason_code: Mapped[ReasonCode] = mapped_column()
    detail: Mapped[str | None] = mapped_column()
    # Where a customer or a contact is left out: what they would have got.
    document_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    # The message that a person sent after all; then nobody is left out here any more.
    delivery_id: Mapped[int | None] = mapped_column()

    @classmethod
    def in_force(cls, mailing_id: int) -> tuple[ColumnElement[bool], ...]:
        """Conditions for those who still get nothing from this mailing."""
        return cls.mailing_id == mailing_id, cls.delivery_id.is_(None)
