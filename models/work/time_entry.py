"""Hours that were worked on a task (S2-24)."""

from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, within_organization
from models.keys import belongs_to
from models.people.user import User
from models.states import move
from models.work.project import Project, Task


class TimeEntryState(StrEnum):
    """What became of the hours."""

    UNBILLED = "unbilled"
    APPROVED = "approved"
    BILLED = "billed"
    REJECTED = "rejected"

    @classmethod
    def labels(cls) -> dict["TimeEntryState", Any]:
        return {
            cls.UNBILLED: _l("Not billed"),
            cls.APPROVED: _l("Approved"),
            cls.BILLED: _l("Billed"),
            cls.REJECTED: _l("Rejected"),
        }


_S = TimeEntryState
NEXT_ENTRY_STATES: dict[TimeEntryState, set[TimeEntryState]] = {
    _S.UNBILLED: {_S.APPROVED, _S.BILLED, _S.REJECTED},
    _S.APPROVED: {_S.BILLED, _S.REJECTED, _S.UNBILLED},
    _S.BILLED: {_S.UNBILLED},
    _S.REJECTED: {_S.UNBILLED},
}


class TimeEntry(EditableRecord):
    """Minutes of one person on one day. Project and customer are the task's (a trigger says so)."""

    __tablename__ = "time_entry"
    __table_args__ = (
        within_organization(),
        belongs_to("task", ondelete="CASCADE"),
        belongs_to("project", ondelete="CASCADE"),
        belongs_to("customer"),
        Index("ix_time_entry_of_project", "organization_id", "project_id", "worked_on", "id"),
        Index("ix_time_entry_task_id", "task_id"),
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes_of_a_day"),
    )
    __admin__ = AdminInfo(
        label=_l("Time entry"),
        plural=_l("Time entries"),
        menu=(_l("Work"), _l("Time entries")),
        icon="clock",
        title="description",
        sort="-worked_on",
        order=42,
    )

    task_id: Mapped[int] = mapped_column()
    project_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column(info={"hidden": True})
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    # Written by a trigger, for customers, who see no list of our staff.
    user_name: Mapped[str] = mapped_column(default="", info={"hidden": True})
    worked_on: Mapped[date] = mapped_column(info={"label": _l("Date")})
    minutes: Mapped[int] = mapped_column(info={"label": _l("Hours"), "widget": "hours"})
    description: Mapped[str] = mapped_column(
        default="", info={"label": _l("Description"), "search": True, "wide": True}
    )
    state: Mapped[TimeEntryState] = mapped_column(
        default=TimeEntryState.UNBILLED, info={"label": _l("State"), "readonly": True}
    )

    task: Mapped[Task] = relationship(
        primaryjoin=lambda: foreign(TimeEntry.task_id) == Task.id,
        info={"label": _l("Task"), "bulk": False},
    )
    project: Mapped[Project] = relationship(
        primaryjoin=lambda: foreign(TimeEntry.project_id) == Project.id,
        viewonly=True,
        info={"label": _l("Project"), "readonly": True, "bulk": False},
    )
    user: Mapped[User | None] = relationship(
        foreign_keys=lambda: TimeEntry.user_id, info={"label": _l("Who")}
    )

    def approve(self) -> None:
        move(self, to=TimeEntryState.APPROVED, following=NEXT_ENTRY_STATES)

    def bill(self) -> None:
        move(self, to=TimeEntryState.BILLED, following=NEXT_ENTRY_STATES)

    def reject(self) -> None:
        move(self, to=TimeEntryState.REJECTED, following=NEXT_ENTRY_STATES)

    def reopen(self) -> None:
        """Take back what was decided."""
        move(self, to=TimeEntryState.UNBILLED, following=NEXT_ENTRY_STATES)

    def __str__(self) -> str:
        return self.description or f"{self.worked_on:%Y-%m-%d}"
