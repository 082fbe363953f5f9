"""Messages that could not be taken in: named with the reason, and out of the way of the others (X3-16)."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_folder import MailFolder
from models.public_id import uuid7


class DeadLetterReason(StrEnum):
    """Why a message could not be taken in."""

    KILLS_PARSER = "kills_parser"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_GIVEN = "not_given"

    @classmethod
    def labels(cls) -> dict["DeadLetterReason", Any]:
        return {
            cls.KILLS_PARSER: _l("Reading it takes more time or memory than a message may"),
            cls.UNREADABLE: _l("It cannot be read as a message"),
            cls.TOO_LARGE: _l("It is larger than a message may be"),
            cls.NOT_GIVEN: _l("The server names it but does not hand it over"),
        }


class MailDeadLetter(OrganizationRecord):
    """A message of the server without a message here; after three tries it is left alone until somebody decides."""

    __tablename__ = "mail_dead_letter"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_folder", "folder_id", ondelete="CASCADE"),
        UniqueConstraint("folder_id", "uidvalidity", "uid"),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    folder_id: Mapped[int] = mapped_column()
    uidvalidity: Mapped[int] = mapped_column()
    uid: Mapped[int] = mapped_column()
    reason: Mapped[DeadLetterReason] = mapped_column()
    detail: Mapped[str] = mapped_column(default="")
    head: Mapped[str] = mapped_column(default="")
    size_bytes: Mapped[int | None] = mapped_column()
    tries: Mapped[int] = mapped_column(default=1)
    set_aside_at: Mapped[datetime | None] = mapped_column()
    settled_at: Mapped[datetime | None] = mapped_column()
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    folder: Mapped[MailFolder] = relationship(
        primaryjoin=lambda: foreign(MailDeadLetter.folder_id) == MailFolder.id
    )
