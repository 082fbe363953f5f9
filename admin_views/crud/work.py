"""Projects, tasks and time entries."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views import reader_formats as reader
from admin_views.base import ModelScreen
from admin_views.comments import CommentRoutes
from admin_views.hours_field import hours_in_words
from admin_views.identity import current_staff
from admin_views.list_page import Tab
from admin_views.registry import screen_for
from admin_views.verbs import Verb
from models.states import state_word
from models.work.project import (
    NEXT_PROJECT_STATES,
    NEXT_TASK_STATES,
    Project,
    ProjectState,
    Task,
    TaskState,
)
from models.work.time_entry import NEXT_ENTRY_STATES, TimeEntry, TimeEntryState
from services.work.projects import hours_of


def _verb(
    name: str, label: Any, icon: str, run: Any, state: Any, following: Any, done: Any
) -> Verb:
    return Verb(
        name=name,
        label=label,
        icon=icon,
        run=run,
        right="edit",
        field="state",
        fits=lambda record: state in following[record.state],
        done=done,
    )


def _project_verb(name: str, label: Any, icon: str, state: ProjectState, done: Any) -> Verb:
    return _verb(
        name,
        label,
        icon,
        lambda project: getattr(project, name)(),
        state,
        NEXT_PROJECT_STATES,
        done,
    )


@screen_for(Project)
class ProjectScreen(CommentRoutes, ModelScreen):
    """What we do for customers; tasks stand in its form."""

    details_template_name = "admin/work/project.html"
    search_words = _l("Code or name")
    list_columns = ("code", "name", "customer", "state", "starts_on", "ends_on", "is_shared")
    said_elsewhere = ("state",)
    instead_of_deleting = _l("Finish or cancel it instead: what was worked and written stays.")
    form_groups = (
        (_l("Project"), "", ("code", "name", "customer", "description")),
        (_l("Dates and hours"), "", ("starts_on", "ends_on", "planned_minutes")),
        (
            _l("Portal"),
            _l("The customer sees its tasks, hours and comments if the portal shows projects."),
            ("is_shared",),
        ),
    )
    verbs = (
        _project_verb(
            "resume", _l("Go on"), "player-play", ProjectState.ACTIVE, _l("“%(name)s” goes on.")
        ),
        _project_verb(
            "hold",
            _l("Put on hold"),
            "player-pause",
            ProjectState.ON_HOLD,
            _l("“%(name)s” is on hold."),
        ),
        _project_verb(
            "finish", _l("Finish"), "circle-check", ProjectState.DONE, _l("“%(name)s” is done.")
        ),
        _project_verb(
            "cancel", _l("Cancel"), "ban", ProjectState.CANCELLED, _l("“%(name)s” is cancelled.")
        ),
    )

    def tabs(self) -> tuple[Tab, ...]:
        return (
            Tab(_("In progress"), {"flt_state": ProjectState.ACTIVE.value}),
            Tab(_("Done"), {"flt_state": ProjectState.DONE.value}),
        )

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        for position, task in enumerate(record.tasks):
            task.position = position

    def record_context(self, record: Any) -> dict[str, Any]:
        hours = hours_of([record])[record.id]
        said = [
            (str(state_word(state)), hours_in_words(hours.of(state)))
            for state in TimeEntryState
            if hours.of(state)
        ]
        if record.planned_minutes:
            said.append((_("Planned"), hours_in_words(record.planned_minutes)))
        return {
            **super().record_context(record),
            "hours": said,
            "entries_url": url_for("time_entry.index_view", flt_project=record.id),
        }


@screen_for(Task)
class TaskScreen(ModelScreen):
    """The tasks of all projects; they are made in their project."""

    search_words = _l("Name")
    list_columns = ("name", "project", "state", "due_on")
    verbs = (
        _verb(
            "begin",
            _l("Begin"),
            "player-play",
            lambda task: task.begin(),
            TaskState.DOING,
            NEXT_TASK_STATES,
            _l("“%(name)s” is in progress."),
        ),
        _verb(
            "finish",
            _l("Finish"),
            "circle-check",
            lambda task: task.finish(),
            TaskState.DONE,
            NEXT_TASK_STATES,
            _l("“%(name)s” is done."),
        ),
        _verb(
            "reopen",
            _l("Open again"),
            "arrow-back-up",
            lambda task: task.reopen(),
            TaskState.TO_DO,
            NEXT_TASK_STATES,
            _l("“%(name)s” is to do again."),
        ),
    )

    def tabs(self) -> tuple[Tab, ...]:
        return (
            Tab(_("To do"), {"flt_state": f"{TaskState.TO_DO},{TaskState.DOING}"}),
            Tab(_("Done"), {"flt_state": TaskState.DONE.value}),
        )


@screen_for(TimeEntry)
class TimeEntryScreen(ModelScreen):
    """Who worked how long on what; what is billed does not change any more."""

    search_words = _l("Description")
    list_columns = ("worked_on", "project", "task", "user", "description", "minutes", "state")
    form_groups = (
        (
            _l("Time entry"),
            _l("Hours may be written as 1:30, 1,5 or 90 min."),
            ("task", "worked_on", "minutes", "user", "description"),
        ),
    )
    said_elsewhere = ("state",)
    verbs = (
        _verb(
            "approve",
            _l("Approve"),
            "thumb-up",
            lambda entry: entry.approve(),
            TimeEntryState.APPROVED,
            NEXT_ENTRY_STATES,
            _l("“%(name)s” is approved."),
        ),
        _verb(
            "bill",
            _l("Mark as billed"),
            "file-check",
            lambda entry: entry.bill(),
            TimeEntryState.BILLED,
            NEXT_ENTRY_STATES,
            _l("“%(name)s” is billed."),
        ),
        _verb(
            "reject",
            _l("Reject"),
            "x",
            lambda entry: entry.reject(),
            TimeEntryState.REJECTED,
            NEXT_ENTRY_STATES,
            _l("“%(name)s” is rejected."),
        ),
        _verb(
            "reopen",
            _l("Open again"),
            "arrow-back-up",
            lambda entry: entry.reopen(),
            TimeEntryState.UNBILLED,
            NEXT_ENTRY_STATES,
            _l("“%(name)s” is not billed."),
        ),
    )

    def tabs(self) -> tuple[Tab, ...]:
        return (
            Tab(_("To be approved"), {"flt_state": TimeEntryState.UNBILLED.value}),
            Tab(_("To be billed"), {"flt_state": TimeEntryState.APPROVED.value}),
        )

    def prefill(self, form: Any) -> None:
        super().prefill(form)
        form.worked_on.data = reader.today()
        form.user.data = current_staff().user

    def is_frozen(self, record: Any) -> bool:
        return bool(record.state is TimeEntryState.BILLED)
