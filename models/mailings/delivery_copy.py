"""Further addresses of a message: who gets a copy, and what the server said to each."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, db
from models.keys import belongs_to


class CopyRole(StrEnum):
    """As what somebody besides the recipient gets a message."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"

    @classmethod
    def labels(cls) -> dict["CopyRole", Any]:
        return {cls.TO: _l("Recipient"), cls.CC: _l("Copy"), cls.BCC: _l("Blind copy")}


class CopyState(StrEnum):
    """What the server said to this address.

    `left_out`: it was not offered, as a copy goes with the first sending only, or the address was suppressed meanwhile.
    `replaced`: refused, and sent in a message of its own instead.
    """

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    LEFT_OUT = "left_out"
    REPLACED = "replaced"

    @classmethod
    def labels(cls) -> dict["CopyState", Any]:
        return {
            cls.WAITING: _l("Not sent yet"),
            cls.ACCEPTED: _l("Sent"),
            cls.REFUSED: _l("Refused"),
            cls.LEFT_OUT: _l("Excluded"),
            cls.REPLACED: _l("Replaced"),
        }


class DeliveryCopy(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """One more address of a message, each with the server's own answer (RFC 5321, section 3.3)."""

    __tablename__ = "delivery_copy"
    __table_args__ = (belongs_to("contact"),)
    __audited__ = False

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    role: Mapped[CopyRole] = mapped_column()
    contact_id: Mapped[int | None] = mapped_column()
    address: Mapped[str] = mapped_column()
    address_norm: Mapped[str] = mapped_column()
    state: Mapped[CopyState] = mapped_column(default=CopyState.WAITING)
    smtp_code: Mapped[int | None] = mapped_column(SmallInteger)
    smtp_text: Mapped[str | None] = mapped_column()
    bounced_at: Mapped[datetime | None] = mapped_column()
