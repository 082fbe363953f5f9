"""What was done here and has to be done on the server: written together with what the reader sees."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, within_organization
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.mailbox.message import Message


class OperationKind(StrEnum):
    """What the server is to do; deltas of marks repeat harmlessly, the others do not."""

    READ = "read"
    UNREAD = "unread"
    STAR = "star"
    UNSTAR = "unstar"
    ANSWERED = "answered"
    MOVE = "move"
    PURGE = "purge"
    APPEND = "append"


class OperationState(StrEnum):
    """`started` is written before a command that must not be repeated blindly; the last three are ends."""

    PENDING = "pending"
    STARTED = "started"
    DONE = "done"
    GONE = "gone"
    FAILED = "failed"


class MailboxOperation(OrganizationRecord):
    """One operation on one message; those of a mailbox go to the server in the order of their keys.

    `folder_id`, `uid`, `uidvalidity` say where it lay on the server; `base_uidnext` and `base_uidvalidity` are those of the
    target just before the command, so that after a crash one looks there instead of doing it twice.
    `batch` names what was done with one click. Whoever did it has read of a failure at `noticed_at`.
    """

    __tablename__ = "mailbox_operation"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        belongs_to("message"),
        belongs_to("mail_folder", "folder_id"),
        belongs_to("mail_folder", "target_folder_id"),
        Index(
            "ix_mailbox_operation_open",
            "account_id",
            "id",
            postgresql_where=text("state IN ('pending', 'started')"),
        ),
        Index("ix_mailbox_operation_batch", "organization_id", "batch"),
        Index(
            "ix_mailbox_operation_failed",
            "organization_id",
            "user_id",
            postgresql_where=text("state IN ('gone', 'failed') AND noticed_at IS NULL"),
        ),
        Index("ix_mailbox_operation_message_id", "organization_id", "message_id"),
    )

    account_id: Mapped[int] = mapped_column()
    message_id: Mapped[int] = mapped_column()
    # No key: a placement may vanish on the server while its operation waits.
    placement_id: Mapped[int | None] = mapped_column()
    kind: Mapped[OperationKind] = mapped_column()
    state: Mapped[OperationState] = mapped_column(default=OperationState.PENDING)
    folder_id: Mapped[int | None] = mapped_column()
    uid: Mapped[int | None] = mapped_column()
    uidvalidity: Mapped[int | None] = mapped_column()
    target_folder_id: Mapped[int | None] = mapped_column()
    base_uidnext: Mapped[int | None] = mapped_column()
    base_uidvalidity: Mapped[int | None] = mapped_column()
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column()
    note: Mapped[str | None] = mapped_column()
    batch: Mapped[uuid.UUID | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column()
    noticed_at: Mapped[datetime | None] = mapped_column()

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(MailboxOperation.account_id) == MailAccount.id
    )
    message: Mapped[Message] = relationship(
        primaryjoin=lambda: foreign(MailboxOperation.message_id) == Message.id
    )
