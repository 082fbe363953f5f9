"""Changes of many records at once: what is done to which records, and what became of each of them (L-08)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Select, select, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import EditableRecord, InBranch, OrganizationRecord, within_organization
from models.keys import belongs_to


class BulkDeed(StrEnum):
    """What is done to each record; a cell is one field of one record, edited in the list.

    Statements of account are issued to customers, for the period in the run's `changes`.
    """

    EDIT = "edit"
    CELL = "cell"
    VERB = "verb"
    STATEMENT = "statement"


class BulkRunState(StrEnum):
    """Where a run is; it is under way from its first moment."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @classmethod
    def labels(cls) -> dict["BulkRunState", Any]:
        return {
            cls.RUNNING: _l("Under way"),
            cls.DONE: _l("Done"),
            cls.STOPPED: _l("Stopped"),
            cls.FAILED: _l("Failed"),
        }


class BulkOutcome(StrEnum):
    """What became of one record."""

    WAITING = "waiting"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class BulkRun(InBranch, EditableRecord):
    """One change of many records; `screen` says whose rules count.

    `changes` holds the new values by field; of a run that takes another one back, only the fields.
    """

    __tablename__ = "bulk_run"
    __table_args__ = (
        within_organization(),
        belongs_to("branch"),
        belongs_to("bulk_run", "undoes_id"),
        Index("ix_bulk_run_by_id", "organization_id", "id"),
        Index("ix_bulk_run_undoes_id", "organization_id", "undoes_id"),
        # Each edited cell is a run: those under way are few among very many.
        Index("ix_bulk_run_running", "id", postgresql_where=text("state = 'running'")),
    )

    screen: Mapped[str] = mapped_column()
    deed: Mapped[BulkDeed] = mapped_column()
    verb: Mapped[str | None] = mapped_column()
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undoes_id: Mapped[int | None] = mapped_column()
    lang: Mapped[str] = mapped_column(default="es")
    state: Mapped[BulkRunState] = mapped_column(default=BulkRunState.RUNNING)
    problem: Mapped[str | None] = mapped_column()
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)
    rows_unchanged: Mapped[int] = mapped_column(default=0)
    rows_refused: Mapped[int] = mapped_column(default=0)
    starts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()

    @property
    def rows_done(self) -> int:
        """How many records have had their turn."""
        return self.rows_changed + self.rows_unchanged + self.rows_refused

    @property
    def is_under_way(self) -> bool:
        return self.state is BulkRunState.RUNNING

    @classmethod
    def undone_by(cls, run: "BulkRun") -> Select[Any]:
        """The runs that took this one back, or are doing so; the newest first."""
        return (
            select(cls)
            .where(cls.undoes_id == run.id, cls.rows_total > 0)
            .where(cls.state.in_([BulkRunState.RUNNING, BulkRunState.DONE]))
            .order_by(cls.id.desc())
        )

    def __str__(self) -> str:
        return str(self.id)


class BulkRunRow(OrganizationRecord):
    """One record of a run: what it held before and after, as JSON, or why it was refused."""

    __tablename__ = "bulk_run_row"
    __table_args__ = (
        belongs_to("bulk_run", ondelete="CASCADE"),
        Index("ix_bulk_run_row_by_outcome", "organization_id", "bulk_run_id", "outcome", "id"),
    )
    __audited__ = False

    bulk_run_id: Mapped[int] = mapped_column()
    target_id: Mapped[int] = mapped_column()
    outcome: Mapped[BulkOutcome] = mapped_column(default=BulkOutcome.WAITING)
    before: Mapped[dict[str, Any] | None] = mapped_column()
    after: Mapped[dict[str, Any] | None] = mapped_column()
    reason: Mapped[str | None] = mapped_column()

    @classmethod
    def of(cls, run_id: int, outcome: BulkOutcome) -> Select[Any]:
        """The rows of a run with this outcome, in order."""
        return select(cls).where(cls.bulk_run_id == run_id, cls.outcome == outcome).order_by(cls.id)
