"""How the reading of a mailbox stands: apart from the account, which people edit while it is read."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount


class MailSync(OrganizationRecord):
    """One row per mailbox that is read (S3-03).

    `poll_token` is the hash of what the server said of all its folders when last nothing was left to do;
    `done` of `wanted` messages is the progress of the first run. `counted_*` is what the last count against the server found.
    """

    __tablename__ = "mail_sync"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "account_id"),
        Index("ix_mail_sync_next_poll_at", "next_poll_at"),
    )

    account_id: Mapped[int] = mapped_column()
    poll_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    next_poll_at: Mapped[datetime | None] = mapped_column()
    began_at: Mapped[datetime | None] = mapped_column()
    last_good_at: Mapped[datetime | None] = mapped_column()
    last_bad_at: Mapped[datetime | None] = mapped_column()
    failures_in_a_row: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column()
    problem_detail: Mapped[str | None] = mapped_column()
    first_run_ended_at: Mapped[datetime | None] = mapped_column()
    done: Mapped[int] = mapped_column(default=0)
    wanted: Mapped[int] = mapped_column(default=0)
    counted_at: Mapped[datetime | None] = mapped_column()
    counted_accepted: Mapped[int] = mapped_column(default=0)
    counted_placed: Mapped[int] = mapped_column(default=0)
    counted_dead: Mapped[int] = mapped_column(default=0)
    counted_missing: Mapped[int] = mapped_column(default=0)

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(MailSync.account_id) == MailAccount.id
    )
