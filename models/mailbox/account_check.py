"""Tests of a mail account: every step with its time, the server's answer and what to do."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount


class CheckState(StrEnum):
    """How far a test is, or how it ended."""

    WAITING = "waiting"
    RUNNING = "running"
    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"

    @classmethod
    def labels(cls) -> dict["CheckState", Any]:
        return {
            cls.WAITING: _l("Waiting"),
            cls.RUNNING: _l("Testing"),
            cls.GOOD: _l("Works"),
            cls.DOUBTFUL: _l("Works, with a doubt"),
            cls.BAD: _l("Does not work"),
        }


class AccountCheck(OrganizationRecord):
    """One test of one account (X4-03); an account keeps its newest ones.

    `steps` is a list of objects: `side` (smtp, imap), `step`, `result` (good, doubtful, bad, untried), `ms`,
    `answer` (what the server said), `advice` (a code; the sentences are the screen's) and `facts` (what was found).
    Nobody in `asked_by_id`: the clock has asked.
    """

    __tablename__ = "mail_account_check"
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        Index("ix_mail_account_check_account_id", "account_id", "id"),
        Index(
            "uq_mail_account_check_open",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint(
            "(ended_at IS NULL) = (state IN ('waiting', 'running'))", name="ended_has_result"
        ),
    )
    __audited__ = False

    account_id: Mapped[int] = mapped_column()
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    wants_message: Mapped[bool] = mapped_column(default=False)
    state: Mapped[CheckState] = mapped_column(default=CheckState.WAITING)
    started_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    steps: Mapped[list[Any]] = mapped_column(JSONB, default=list)

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(AccountCheck.account_id) == MailAccount.id
    )

    @property
    def is_open(self) -> bool:
        """Whether it waits or is under way."""
        return self.ended_at is None

    @classmethod
    def newest_of(cls, account_ids: Collection[int]) -> Select[Any]:
        """The newest test of each of these accounts."""
        return (
            select(cls)
            .where(cls.account_id.in_(account_ids))
            .ext(distinct_on(cls.account_id))
            .order_by(cls.account_id, cls.id.desc())
        )
