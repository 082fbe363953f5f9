"""Projects, tasks and hours as customers read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.numbers import format_decimal
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from models.states import state_word
from models.work.project import Project, ProjectState, Task, TaskState
from models.work.time_entry import TimeEntry, TimeEntryState
from portal.document_words import StateWord
from services.sales.formats import shown_date
from services.work.projects import Hours

LOOKS_OF_PROJECTS = {
    ProjectState.ACTIVE: ("player-play", "live"),
    ProjectState.ON_HOLD: ("player-pause", "warn"),
    ProjectState.DONE: ("circle-check", "ok"),
    ProjectState.CANCELLED: ("ban", ""),
}
LOOKS_OF_TASKS = {
    TaskState.TO_DO: ("hourglass", ""),
    TaskState.DOING: ("circle-half-2", "live"),
    TaskState.DONE: ("circle-check", "ok"),
}
LOOKS_OF_ENTRIES = {
    TimeEntryState.UNBILLED: ("clock", ""),
    TimeEntryState.APPROVED: ("thumb-up", "info"),
    TimeEntryState.BILLED: ("file-check", "ok"),
    TimeEntryState.REJECTED: ("x", ""),
}
# In the order of the bar, from what is settled to what is not.
PARTS = (
    (TimeEntryState.BILLED, "ok"),
    (TimeEntryState.APPROVED, "info"),
    (TimeEntryState.UNBILLED, "idle"),
)


@dataclass(frozen=True)
class ProjectWords:
    """A project in a list and at the head of its page."""

    name: str
    code: str
    url: str
    days: str
    description: str
    state: StateWord
    hours: str
    planned: str
    parts: Sequence[tuple[str, float]]
    legend: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class TaskWords:
    name: str
    state: StateWord
    day: str
    hours: str


@dataclass(frozen=True)
class EntryWords:
    day: str
    task: str
    person: str
    text: str
    state: StateWord
    hours: str


def project_words(project: Project, hours: Hours) -> ProjectWords:
    """In the reader's language."""
    icon, tone = LOOKS_OF_PROJECTS[project.state]
    planned = project.planned_minutes or 0
    whole = max(planned, hours.total)
    parts = [(colour, 100 * hours.of(state) / whole) for state, colour in PARTS if whole]
    legend = [
        (colour, _part_in_words(state, shown_hours(hours.of(state))))
        for state, colour in PARTS
        if hours.of(state)
    ]
    if planned > hours.total:
        left = shown_hours(planned - hours.total)
        legend.append(("rest", _("%(hours)s to be worked", hours=left)))
    return ProjectWords(
        name=project.name,
        code=project.code,
        url=url_for("portal-project.project", public_id=project.public_id),
        days=_days(project),
        description=project.description or "",
        state=StateWord(state_word(project.state), icon, tone),
        hours=shown_hours(hours.total),
        planned=_("of %(hours)s", hours=shown_hours(planned)) if planned else "",
        parts=parts,
        legend=legend,
    )


def task_words(task: Task, minutes: int) -> TaskWords:
    """A task with what was worked on it."""
    icon, tone = LOOKS_OF_TASKS[task.state]
    word = str(state_word(task.state))
    day = _("%(state)s, due on %(day)s", state=word, day=_day(task.due_on)) if task.due_on else word
    return TaskWords(
        task.name,
        StateWord(word, icon, tone),
        word if task.state is TaskState.DONE else day,
        f"{shown_hours(minutes)} h" if minutes else "",
    )


def entry_words(entry: TimeEntry) -> EntryWords:
    """One time entry."""
    icon, tone = LOOKS_OF_ENTRIES[entry.state]
    return EntryWords(
        day=_day(entry.worked_on),
        task=entry.task.name,
        person=entry.user_name,
        text=entry.description,
        state=StateWord(state_word(entry.state), icon, tone),
        hours=shown_hours(entry.minutes),
    )


def shown_hours(minutes: int) -> str:
    """As a number of hours: 90 minutes are 1,5."""
    return str(format_decimal(minutes / 60, "#,##0.0#", locale=get_locale()))


def _day(day: date) -> str:
    return shown_date(day, str(get_locale() or "es"))


def _part_in_words(state: TimeEntryState, hours: str) -> str:
    if state is TimeEntryState.BILLED:
        return _("%(hours)s billed", hours=hours)
    if state is TimeEntryState.APPROVED:
        return _("%(hours)s approved", hours=hours)
    return _("%(hours)s not billed", hours=hours)


def _days(project: Project) -> str:
    if project.starts_on and project.ends_on:
        return _(
            "From %(first)s to %(last)s",
            first=_day(project.starts_on),
            last=_day(project.ends_on),
        )
    if project.starts_on:
        return _("Since %(day)s", day=_day(project.starts_on))
    if project.ends_on:
        return _("Until %(day)s", day=_day(project.ends_on))
    return ""
