"""The projects that are shared with the customer: tasks, hours and comments (S2-23 to S2-25)."""

from uuid import UUID

from flask import render_template, request, url_for

from errors import AppError
from models.base import db
from models.work.project import Project, TaskState
from portal.comment_thread import thread_of
from portal.frame import page
from portal.guard import only_with, portal_blueprint
from portal.own_documents import current_sight, require
from portal.own_projects import own_project
from portal.project_words import entry_words, project_words, task_words
from services.portal.visible_documents import Subject
from services.work.projects import (
    Hours,
    entries_of,
    entry_of,
    hours_of,
    shared_with,
    tasks_with_minutes,
)

MOST_PROJECTS = 200
blueprint = portal_blueprint("project", __name__)


@blueprint.get("/projects")
@only_with("show_projects")
def projects() -> str:
    require(Subject.PROJECTS)
    found = db.session.scalars(shared_with(current_sight().customer_id).limit(MOST_PROJECTS)).all()
    hours = hours_of(found)
    return render_template(
        "portal/projects.html",
        page=page("projects"),
        projects=[project_words(project, hours[project.id]) for project in found],
    )


@blueprint.get("/projects/<uuid:public_id>")
@only_with("show_projects")
def project(public_id: UUID) -> str:
    return project_page(own_project(public_id))


def project_page(found: Project, *, refused_comment: AppError | None = None) -> str:
    """The page of a project; with a comment that was just refused."""
    tasks = tasks_with_minutes(found)
    key = request.args.get("before", "")
    before = entry_of(found, int(key)) if key.isdecimal() and len(key) < 19 else None
    entries = entries_of(found, before=before)
    here = url_for("portal-project.project", public_id=found.public_id)
    return render_template(
        "portal/project.html",
        page=page("projects"),
        project=project_words(found, hours_of([found]).get(found.id, Hours())),
        tasks=[task_words(task, minutes) for task, minutes in tasks],
        done=sum(task.state is TaskState.DONE for task, _minutes in tasks),
        entries=[entry_words(entry) for entry in entries.rows],
        newest_url=f"{here}#hours" if before else None,
        older_url=f"{here}?before={entries.older}#hours" if entries.older else None,
        projects_url=url_for("portal-project.projects"),
        thread=thread_of(found, problem=refused_comment),
    )
