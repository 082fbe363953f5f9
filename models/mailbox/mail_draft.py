"""Messages that somebody is writing."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, utc_now, within_organization
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.mailbox.message import Message
from models.public_id import uuid7
from models.system.file import File


class DraftKind(StrEnum):
    """What the message is to the one it follows."""

    NEW = "new"
    REPLY = "reply"
    REPLY_ALL = "reply_all"
    FORWARD = "forward"


class DraftState(StrEnum):
    """`leaving` is the time in which sending can be taken back."""

    WRITING = "writing"
    LEAVING = "leaving"
    SENT = "sent"
    DISCARDED = "discarded"


class MailDraft(OrganizationRecord):
    """What was typed, kept every few seconds; `revision` counts, so that two tabs do not write over each other (S3-18).

    `fields` holds `to`, `cc`, `bcc` (as typed), `subject`, `body_html` or `body_text`, whether it is plain and whether it
    quotes. `placement_id` is its copy in the drafts of the server. Once it is sent, `filed_at` says when its copy went to
    where sent messages are kept.
    """

    __tablename__ = "mail_draft"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        belongs_to("message", "follows_id"),
        belongs_to("customer"),
        belongs_to("delivery"),
        Index(
            "ix_mail_draft_follows_id",
            "organization_id",
            "follows_id",
            postgresql_where=text("follows_id IS NOT NULL"),
        ),
        Index("ix_mail_draft_user_id", "organization_id", "user_id", "state"),
        Index("ix_mail_draft_leaving", "leaves_at", postgresql_where=text("state = 'leaving'")),
        Index(
            "ix_mail_draft_copied",
            "saved_at",
            postgresql_where=text("state = 'writing' OR placement_id IS NOT NULL"),
        ),
        Index(
            "ix_mail_draft_placement_id",
            "placement_id",
            postgresql_where=text("placement_id IS NOT NULL"),
        ),
        Index(
            "ix_mail_draft_unfiled",
            "id",
            postgresql_where=text("state = 'sent' AND filed_at IS NULL"),
        ),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    account_id: Mapped[int | None] = mapped_column()
    kind: Mapped[DraftKind] = mapped_column(default=DraftKind.NEW)
    state: Mapped[DraftState] = mapped_column(default=DraftState.WRITING)
    follows_id: Mapped[int | None] = mapped_column()
    customer_id: Mapped[int | None] = mapped_column()
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=0)
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)
    leaves_at: Mapped[datetime | None] = mapped_column()
    delivery_id: Mapped[int | None] = mapped_column()
    placement_id: Mapped[int | None] = mapped_column()
    synced_revision: Mapped[int | None] = mapped_column()
    filed_at: Mapped[datetime | None] = mapped_column()

    account: Mapped[MailAccount | None] = relationship(
        primaryjoin=lambda: foreign(MailDraft.account_id) == MailAccount.id
    )
    follows: Mapped[Message | None] = relationship(
        primaryjoin=lambda: foreign(MailDraft.follows_id) == Message.id
    )
    files: Mapped[list["MailDraftFile"]] = relationship(
        primaryjoin=lambda: MailDraft.id == foreign(MailDraftFile.draft_id),
        order_by=lambda: MailDraftFile.id,
        cascade="all, delete-orphan",
    )


class MailDraftFile(OrganizationRecord):
    """A file that goes along; a picture inside the text has a `content_id`.

    Of a document that goes `as_link` only the address goes along.
    """

    __tablename__ = "mail_draft_file"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_draft", "draft_id", ondelete="CASCADE"),
        belongs_to("file"),
        belongs_to("document"),
        UniqueConstraint("organization_id", "draft_id", "id"),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    draft_id: Mapped[int] = mapped_column()
    file_id: Mapped[int | None] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    name: Mapped[str] = mapped_column(default="")
    as_link: Mapped[bool] = mapped_column(default=False)
    content_id: Mapped[str | None] = mapped_column()

    file: Mapped[File | None] = relationship(
        primaryjoin=lambda: foreign(MailDraftFile.file_id) == File.id
    )
