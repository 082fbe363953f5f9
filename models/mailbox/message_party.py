"""Who a message is from and to, so that it is found by address (S3-25)."""

from enum import StrEnum

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, db
from models.keys import belongs_to


class PartyField(StrEnum):
    """The header field in which somebody stands."""

    FROM = "from"
    REPLY_TO = "reply_to"
    TO = "to"
    CC = "cc"
    BCC = "bcc"


class MessageParty(InOrganization, db.Model):  # type: ignore[name-defined,misc]
    """Somebody who is named in a message, in the order of its fields."""

    __tablename__ = "message_party"
    __audited__ = False
    __table_args__ = (
        PrimaryKeyConstraint("message_id", "position"),
        belongs_to("message", ondelete="CASCADE"),
        Index("ix_message_party_address", "organization_id", "address_norm", "message_id"),
    )

    message_id: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    field: Mapped[PartyField] = mapped_column()
    name: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column()
    address_norm: Mapped[str] = mapped_column()
