"""Messages of mailboxes: each stands here once, however many folders it lies in (X3-08)."""

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, within_organization
from models.keys import belongs_to
from models.mailbox.thread import Thread
from models.public_id import uuid7


class MessagePack(OrganizationRecord):
    """One stored file with the bytes of a batch of messages; each says where in it its own are."""

    __tablename__ = "message_pack"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "sha256"),
    )

    sha256: Mapped[str] = mapped_column()
    size_bytes: Mapped[int] = mapped_column()


class Message(OrganizationRecord):
    """What was read of a message; its bytes are in a pack, its HTML is parsed from them when somebody looks.

    The same message is one with the same Message-ID and the same content: who repeats only the first is another.
    `sender_name` and `sender_address` are of whoever sent it for the one in From, else empty.
    `is_to_examine`: it may be about something that we have sent, and nobody has looked yet (`services/mailbox/examining.py`).
    `unplaced_at`: since when it has been seen in no folder; a while later it goes (`services/mailbox/unplaced_messages.py`).
    """

    __tablename__ = "message"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("thread"),
        belongs_to("message_pack", "pack_id"),
        belongs_to("delivery"),
        UniqueConstraint("organization_id", "message_id_header", "content_sha256"),
        Index("ix_message_thread_id", "organization_id", "thread_id"),
        Index("ix_message_sent_at", "organization_id", "sent_at"),
        Index("ix_message_delivery_id", "organization_id", "delivery_id"),
        Index(
            "ix_message_to_examine",
            "organization_id",
            "id",
            postgresql_where=text("is_to_examine"),
        ),
        Index(
            "ix_message_unplaced",
            "organization_id",
            "unplaced_at",
            postgresql_where=text("unplaced_at IS NOT NULL"),
        ),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    thread_id: Mapped[int] = mapped_column()
    message_id_header: Mapped[str] = mapped_column()
    content_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    in_reply_to: Mapped[str | None] = mapped_column()
    from_name: Mapped[str] = mapped_column(default="")
    from_address: Mapped[str] = mapped_column(default="")
    sender_name: Mapped[str] = mapped_column(default="", server_default="")
    sender_address: Mapped[str] = mapped_column(default="", server_default="")
    subject: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
    snippet: Mapped[str] = mapped_column(default="")
    size_bytes: Mapped[int] = mapped_column()
    has_attachments: Mapped[bool] = mapped_column(default=False)
    is_automatic: Mapped[bool] = mapped_column(default=False)
    is_bounce: Mapped[bool] = mapped_column(default=False)
    is_to_examine: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    pack_id: Mapped[int | None] = mapped_column()
    pack_offset: Mapped[int] = mapped_column(default=0)
    pack_length: Mapped[int] = mapped_column(default=0)
    delivery_id: Mapped[int | None] = mapped_column()
    unplaced_at: Mapped[datetime | None] = mapped_column()

    thread: Mapped[Thread] = relationship(
        primaryjoin=lambda: foreign(Message.thread_id) == Thread.id
    )
    pack: Mapped[MessagePack | None] = relationship(
        primaryjoin=lambda: foreign(Message.pack_id) == MessagePack.id
    )

    def __str__(self) -> str:
        return self.subject
