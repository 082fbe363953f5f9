"""The projects of a customer with their hours, as customers see them (S2-23, S2-24)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, case, func, select

from models.base import db
from models.work.project import Project, ProjectState, Task
from models.work.time_entry import TimeEntry, TimeEntryState

ENTRIES_ON_PAGE = 25


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes of a project by what became of them; rejected ones do not count."""

    by_state: Mapping[TimeEntryState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(
            minutes
            for state, minutes in self.by_state.items()
            if state is not TimeEntryState.REJECTED
        )

    def of(self, state: TimeEntryState) -> int:
        return self.by_state.get(state, 0)


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some time entries, the newest first; `older` is where it goes on."""

    rows: Sequence[TimeEntry]
    older: int | None


def shared_with(customer_id: int) -> Select[Any]:
    """The projects that this customer may see, those under way first, then the newest."""
    is_over = case((Project.state.in_((ProjectState.DONE, ProjectState.CANCELLED)), 1), else_=0)
    return (
        select(Project)
        .where(Project.customer_id == customer_id, Project.is_shared)
        .order_by(is_over, Project.id.desc())
    )


def hours_of(projects: Iterable[Project]) -> dict[int, Hours]:
    """The hours of each of these projects, by its key."""
    keys = [project.id for project in projects]
    found: dict[int, dict[TimeEntryState, int]] = {key: {} for key in keys}
    rows = db.session.execute(
        select(TimeEntry.project_id, TimeEntry.state, func.sum(TimeEntry.minutes))
        .where(TimeEntry.project_id.in_(keys))
        .group_by(TimeEntry.project_id, TimeEntry.state)
    )
    for key, state, minutes in rows:
        found[key][state] = int(minutes)
    return {key: Hours(by_state) for key, by_state in found.items()}


def tasks_with_minutes(project: Project) -> list[tuple[Task, int]]:
    """The tasks in their order, each with what was worked on it."""
    rows = db.session.execute(
        select(
            Task,
            func.coalesce(
                func.sum(TimeEntry.minutes).filter(TimeEntry.state != TimeEntryState.REJECTED), 0
            ),
        )
        .outerjoin(TimeEntry, TimeEntry.task_id == Task.id)
        .where(Task.project_id == project.id)
        .group_by(Task.id)
        .order_by(Task.position, Task.id)
    )
    return [(task, int(minutes)) for task, minutes in rows]


def entries_of(project: Project, *, before: TimeEntry | None = None) -> EntryPage:
    """A page of the project's entries, older than `before`."""
    query = (
        select(TimeEntry)
        .where(TimeEntry.project_id == project.id)
        .order_by(TimeEntry.worked_on.desc(), TimeEntry.id.desc())
        .limit(ENTRIES_ON_PAGE + 1)
    )
    if before is not None:
        query = query.where(
            (TimeEntry.worked_on < before.worked_on)
            | ((TimeEntry.worked_on == before.worked_on) & (TimeEntry.id < before.id))
        )
    rows = db.session.scalars(query).all()
    more = len(rows) > ENTRIES_ON_PAGE
    shown = rows[:ENTRIES_ON_PAGE]
    return EntryPage(shown, shown[-1].id if more else None)


def entry_of(project: Project, entry_id: int) -> TimeEntry | None:
    """One of the project's entries."""
    found: TimeEntry | None = db.session.scalar(
        select(TimeEntry).where(TimeEntry.project_id == project.id, TimeEntry.id == entry_id)
    )
    return found
