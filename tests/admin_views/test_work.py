"""Projects, tasks and hours in the admin; comments on records (P-06, S2-24)."""

import io

import pytest
from sqlalchemy import select

from admin_views.hours_field import hours_in_words, minutes_of
from errors import Conflict
from models.base import db
from models.sales.document_state import DocumentState
from models.work.comment import Comment, CommentFile
from models.work.project import Project, ProjectState
from models.work.time_entry import TimeEntry, TimeEntryState
from tests.browser import new_browser
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document
from tests.factories.work import make_entry, make_project, make_task

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


@pytest.fixture
def clerk(app, organization):
    return new_browser(app).enter_as(make_user(organization, name="Diana Güiza"), organization)


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("1:30", 90),
        ("1,5", 90),
        ("1.5 h", 90),
        ("2", 120),
        ("90 min", 90),
        ("90m", 90),
        ("1 h 30", 90),
        ("0:05", 5),
        ("1:75", None),
        ("x", None),
        ("-1", None),
        ("1:30:00", None),
    ],
)
def test_hours_as_people_write_them(written, minutes):
    assert minutes_of(written) == minutes


def test_minutes_are_shown_as_hours():
    assert [hours_in_words(minutes) for minutes in (5, 90, 600)] == ["0:05", "1:30", "10:00"]


def test_a_project_is_made_with_its_tasks(clerk, organization):
    customer = make_customer()
    db.session.commit()
    fields = {
        "code": "P-77",
        "name": "Estanterías",
        "customer": customer.id,
        "planned_minutes": "60",
        "tasks-0-name": "Plano",
        "tasks-1-name": "Montaje",
    }

    answer = clerk.submit("/admin/project/new/", fields)

    assert answer.status_code == 302
    project = db.session.scalars(select(Project)).one()
    assert project.planned_minutes == 3_600
    assert [(task.name, task.customer_id) for task in project.tasks] == [
        ("Plano", customer.id),
        ("Montaje", customer.id),
    ]
    assert "Montaje" in clerk.get(f"/admin/project/details/?id={project.id}").text


def test_a_time_entry_takes_hours_and_belongs_to_its_tasks_customer(clerk, organization):
    task = make_task(make_project())
    db.session.commit()
    fields = {"task": task.id, "worked_on": "2026-08-20", "minutes": "1,5", "description": "Visita"}

    form = clerk.get("/admin/time_entry/new/").text
    answer = clerk.submit("/admin/time_entry/new/", fields)

    assert "Diana Güiza" in form  # who enters hours has mostly worked them
    assert answer.status_code == 302
    entry = db.session.scalars(select(TimeEntry)).one()
    assert (entry.minutes, entry.project_id, entry.customer_id) == (
        90,
        task.project_id,
        task.customer_id,
    )


def test_states_move_by_verbs_only(clerk, organization):
    entry = make_entry(make_task(make_project()))
    db.session.commit()

    page = f"/admin/time_entry/details/?id={entry.id}"

    for verb in ("approve", "bill"):
        clerk.submit(f"/admin/time_entry/verb/?verb={verb}&id={entry.id}", form_at=page)
    frozen = clerk.submit(f"/admin/time_entry/edit/?id={entry.id}", {"minutes": "9"}, form_at=page)

    db.session.refresh(entry)
    assert entry.state is TimeEntryState.BILLED
    assert frozen.status_code == 409


def test_a_project_cannot_be_finished_twice(organization):
    project = make_project()
    project.finish()
    assert project.state is ProjectState.DONE
    with pytest.raises(Conflict):
        project.hold()


@pytest.mark.parametrize("visibility", ["customer", "internal"])
def test_P_06_staff_comment_on_a_document(clerk, organization, visibility):
    document = make_document(make_customer())
    db.session.commit()
    fields = {
        "body": "Hoy enviamos la nota <b>x</b>",
        "visibility": visibility,
        "files": (io.BytesIO(PNG), "foto.png"),
    }
    page = f"/admin/invoice/details/?id={document.id}"

    answer = clerk.submit(f"/admin/invoice/comment/?id={document.id}", fields, form_at=page)

    assert answer.status_code == 302
    comment = db.session.scalars(select(Comment)).one()
    assert (comment.visibility, comment.author_name) == (visibility, "Diana Güiza")
    shown = clerk.get(page).text
    assert "Hoy enviamos la nota &lt;b&gt;x" in shown
    file = db.session.scalars(select(CommentFile)).one()
    loaded = clerk.get(f"/admin/invoice/comment/file/?id={document.id}&file={file.id}")
    assert loaded.data == PNG
    assert loaded.headers["Content-Disposition"].startswith("attachment")
    other = make_document(make_customer())
    db.session.commit()
    assert (
        clerk.get(f"/admin/invoice/comment/file/?id={other.id}&file={file.id}").status_code == 404
    )


def test_a_refused_comment_is_told_at_its_field(clerk, organization):
    project = make_project()
    db.session.commit()
    page = f"/admin/project/details/?id={project.id}"

    refused = clerk.submit(
        f"/admin/project/comment/?id={project.id}",
        {"body": "Va", "files": (io.BytesIO(b"<svg/>"), "x.svg")},
        form_at=page,
    )

    assert refused.status_code == 422
    assert "comment-files-problem" in refused.text
    assert db.session.scalars(select(Comment)).all() == []


def test_on_a_draft_one_writes_notes_only(clerk, organization):
    draft = make_document(make_customer(), state=DocumentState.DRAFT)
    db.session.commit()
    page = f"/admin/invoice/details/?id={draft.id}"

    assert 'name="visibility"' not in clerk.get(page).text
    clerk.submit(
        f"/admin/invoice/comment/?id={draft.id}",
        {"body": "x", "visibility": "customer"},
        form_at=page,
    )

    assert db.session.scalars(select(Comment)).one().visibility == "internal"


def test_readers_read_comments_and_write_none(app, organization):
    reader = new_browser(app).enter_as(make_user(organization, role="reader"), organization)
    document = make_document(make_customer())
    db.session.commit()
    page = f"/admin/invoice/details/?id={document.id}"

    assert 'id="comments"' in reader.get(page).text
    assert (
        reader.submit(
            f"/admin/invoice/comment/?id={document.id}", {"body": "x"}, form_at="/account"
        ).status_code
        == 403
    )
