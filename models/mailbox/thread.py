"""Conversations: which messages belong together, and how each stands in a folder."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, OrganizationRecord, db, within_organization
from models.keys import belongs_to
from models.public_id import uuid7


class Thread(OrganizationRecord):
    """A conversation; one that was found to belong to another points there, so that old links keep working."""

    __tablename__ = "thread"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("thread", "merged_into_id"),
        Index(
            "ix_thread_merged_into_id",
            "organization_id",
            "merged_into_id",
            postgresql_where=text("merged_into_id IS NOT NULL"),
        ),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    merged_into_id: Mapped[int | None] = mapped_column()


class ThreadRef(InOrganization, db.Model):  # type: ignore[name-defined,misc]
    """A Message-ID that belongs to a conversation, also one whose message has not been seen yet.

    `ref_hash` is 8 bytes of BLAKE2b of the Message-ID, signed.
    """

    __tablename__ = "thread_ref"
    __audited__ = False
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "ref_hash"),
        belongs_to("thread", ondelete="CASCADE"),
        Index("ix_thread_ref_thread_id", "organization_id", "thread_id"),
    )

    ref_hash: Mapped[int] = mapped_column(BigInteger)
    thread_id: Mapped[int] = mapped_column()


class FolderThread(InOrganization, db.Model):  # type: ignore[name-defined,misc]
    """A conversation in a folder: what the list shows, recounted from the placements and never counted on.

    While `snoozed_until` is set it is in no list but that of what waits; `returned_at` marks it until somebody has opened it (`Snooze`).
    """

    __tablename__ = "folder_thread"
    __audited__ = False
    __table_args__ = (
        PrimaryKeyConstraint("folder_id", "thread_id"),
        belongs_to("mail_folder", "folder_id", ondelete="CASCADE"),
        belongs_to("thread", ondelete="CASCADE"),
        Index("ix_folder_thread_list", "folder_id", text("last_at DESC"), text("thread_id DESC")),
        Index(
            "ix_folder_thread_unread",
            "folder_id",
            text("last_at DESC"),
            text("thread_id DESC"),
            postgresql_include=["organization_id"],
            postgresql_where=text("unread > 0 AND snoozed_until IS NULL"),
        ),
        Index(
            "ix_folder_thread_starred",
            "folder_id",
            text("last_at DESC"),
            text("thread_id DESC"),
            postgresql_include=["organization_id"],
            postgresql_where=text("starred > 0 AND snoozed_until IS NULL"),
        ),
        Index(
            "ix_folder_thread_snoozed",
            "folder_id",
            text("last_at DESC"),
            text("thread_id DESC"),
            postgresql_where=text("snoozed_until IS NOT NULL OR returned_at IS NOT NULL"),
        ),
        Index(
            "ix_folder_thread_thread_id",
            "organization_id",
            "thread_id",
            postgresql_include=["folder_id", "snoozed_until"],
        ),
    )

    folder_id: Mapped[int] = mapped_column()
    thread_id: Mapped[int] = mapped_column()
    last_at: Mapped[datetime] = mapped_column()
    messages: Mapped[int] = mapped_column()
    unread: Mapped[int] = mapped_column()
    starred: Mapped[int] = mapped_column()
    last_message_id: Mapped[int] = mapped_column()
    snoozed_until: Mapped[datetime | None] = mapped_column()
    returned_at: Mapped[datetime | None] = mapped_column()
