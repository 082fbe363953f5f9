"""What we do for a customer: projects and their tasks (S2-23, S2-24)."""

from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, within_organization
from models.keys import belongs_to
from models.people.customer import Customer
from models.states import move


class ProjectState(StrEnum):
    """Where a project is in its life."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    DONE = "done"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["ProjectState", Any]:
        return {
            cls.ACTIVE: _l("In progress"),
            cls.ON_HOLD: _l("On hold"),
            cls.DONE: _l("Done"),
            cls.CANCELLED: _l("Cancelled"),
        }


class TaskState(StrEnum):
    """How far a task is."""

    TO_DO = "to_do"
    DOING = "doing"
    DONE = "done"

    @classmethod
    def labels(cls) -> dict["TaskState", Any]:
        return {cls.TO_DO: _l("To do"), cls.DOING: _l("In progress"), cls.DONE: _l("Done")}


NEXT_PROJECT_STATES: dict[ProjectState, set[ProjectState]] = {
    ProjectState.ACTIVE: {ProjectState.ON_HOLD, ProjectState.DONE, ProjectState.CANCELLED},
    ProjectState.ON_HOLD: {ProjectState.ACTIVE, ProjectState.CANCELLED},
    ProjectState.DONE: {ProjectState.ACTIVE},
    ProjectState.CANCELLED: {ProjectState.ACTIVE},
}
NEXT_TASK_STATES: dict[TaskState, set[TaskState]] = {
    TaskState.TO_DO: {TaskState.DOING, TaskState.DONE},
    TaskState.DOING: {TaskState.DONE, TaskState.TO_DO},
    TaskState.DONE: {TaskState.TO_DO},
}


class Project(EditableRecord):
    """Work for one customer. What is not `is_shared` is not seen in the portal."""

    __tablename__ = "project"
    __table_args__ = (
        within_organization(),
        belongs_to("customer"),
        UniqueConstraint("organization_id", "code"),
        Index("ix_project_by_customer", "organization_id", "customer_id", "id"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_it_starts"),
    )
    __admin__ = AdminInfo(
        label=_l("Project"),
        plural=_l("Projects"),
        menu=(_l("Work"), _l("Projects")),
        icon="briefcase",
        sort="code",
        order=40,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code"), "search": True})
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True, "wide": True})
    customer_id: Mapped[int] = mapped_column()
    state: Mapped[ProjectState] = mapped_column(
        default=ProjectState.ACTIVE, info={"label": _l("State"), "readonly": True}
    )
    starts_on: Mapped[date | None] = mapped_column(info={"label": _l("Starts")})
    ends_on: Mapped[date | None] = mapped_column(info={"label": _l("Ends")})
    planned_minutes: Mapped[int | None] = mapped_column(
        info={"label": _l("Planned hours"), "widget": "hours", "list": False}
    )
    description: Mapped[str | None] = mapped_column(
        info={"label": _l("Description"), "widget": "long", "list": False}
    )
    is_shared: Mapped[bool] = mapped_column(
        default=True, info={"label": _l("Seen in the portal"), "inline_edit": True}
    )

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(Project.customer_id) == Customer.id,
        info={"label": _l("Customer"), "bulk": False},
    )
    tasks: Mapped[list["Task"]] = relationship(
        primaryjoin=lambda: foreign(Task.project_id) == Project.id,
        cascade="all, delete-orphan",
        order_by=lambda: (Task.position, Task.id),
        back_populates="project",
        info={"label": _l("Tasks"), "inline": True},
    )

    def resume(self) -> None:
        """Go on, after a pause or when it was thought to be over."""
        move(self, to=ProjectState.ACTIVE, following=NEXT_PROJECT_STATES)

    def hold(self) -> None:
        move(self, to=ProjectState.ON_HOLD, following=NEXT_PROJECT_STATES)

    def finish(self) -> None:
        move(self, to=ProjectState.DONE, following=NEXT_PROJECT_STATES)

    def cancel(self) -> None:
        move(self, to=ProjectState.CANCELLED, following=NEXT_PROJECT_STATES)

    def __str__(self) -> str:
        return self.name


class Task(EditableRecord):
    """A part of a project; the customer is the project's (a trigger says so)."""

    __tablename__ = "task"
    __table_args__ = (
        within_organization(),
        belongs_to("project", ondelete="CASCADE"),
        belongs_to("customer"),
        Index("ix_task_of_project", "organization_id", "project_id", "position", "id"),
    )
    __admin__ = AdminInfo(
        label=_l("Task"),
        plural=_l("Tasks"),
        menu=(_l("Work"), _l("Tasks")),
        icon="checklist",
        sort="name",
        order=41,
    )

    project_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column(info={"hidden": True})
    position: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    name: Mapped[str] = mapped_column(
        info={"label": _l("Name"), "search": True, "wide": True, "width": "wide"}
    )
    state: Mapped[TaskState] = mapped_column(
        default=TaskState.TO_DO, info={"label": _l("State"), "readonly": True}
    )
    due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due")})

    project: Mapped[Project] = relationship(
        primaryjoin=lambda: foreign(Task.project_id) == Project.id,
        back_populates="tasks",
        info={"label": _l("Project"), "bulk": False},
    )

    def begin(self) -> None:
        move(self, to=TaskState.DOING, following=NEXT_TASK_STATES)

    def finish(self) -> None:
        move(self, to=TaskState.DONE, following=NEXT_TASK_STATES)

    def reopen(self) -> None:
        move(self, to=TaskState.TO_DO, following=NEXT_TASK_STATES)

    def __str__(self) -> str:
        return self.name
