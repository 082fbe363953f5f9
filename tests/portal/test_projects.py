"""S2-23 to S2-25: projects with tasks and hours, as far as they are shared."""

from datetime import date

import pytest
from sqlalchemy import text, update

from models.base import db
from models.portal.portal_settings import PortalSettings
from models.work.time_entry import TimeEntryState
from tests.factories.people import make_customer, make_user
from tests.factories.work import make_entry, make_project, make_task


@pytest.fixture
def projects_on(organization):
    db.session.execute(update(PortalSettings).values(show_projects=True))
    db.session.commit()


def test_S2_24_tasks_and_hours_with_their_state(stand, projects_on, organization):
    window, worker = stand(), make_user(organization, name="Camilo Peñaranda")
    project = make_project(window.customer, planned_minutes=3_600, starts_on=date(2026, 8, 3))
    task = make_task(project, name="Montaje de 24 cuerpos")
    make_entry(task, user_id=worker.id, minutes=300)
    make_entry(task, minutes=90, state=TimeEntryState.BILLED)
    make_entry(task, minutes=60, state=TimeEntryState.REJECTED)
    db.session.commit()

    listed = window.get("/projects").text
    page = window.get(f"/projects/{project.public_id}").text

    assert project.name in listed
    assert "Montaje de 24 cuerpos" in page
    assert "Camilo Peñaranda" in page
    assert "6,5" in page  # hours that count, of 60
    assert "60,0" in page
    for word in ("Sin facturar", "Facturada", "Rechazado"):
        assert word in page


def test_S2_23_projects_that_are_off_do_not_exist(stand):
    window = stand()
    project = make_project(window.customer)
    db.session.commit()

    assert window.get("/projects").status_code == 404
    assert window.get(f"/projects/{project.public_id}").status_code == 404
    assert (
        window.submit(f"/projects/{project.public_id}/comments", {"body": "x"}).status_code == 404
    )
    assert "/projects" not in window.get("/").text


def test_a_project_that_is_not_shared_is_absent(stand, projects_on):
    window = stand()
    hidden = make_project(window.customer, is_shared=False, name="Zurrapa")
    make_entry(make_task(hidden))
    db.session.commit()

    assert "Zurrapa" not in window.get("/projects").text
    assert window.get(f"/projects/{hidden.public_id}").status_code == 404


def test_projects_of_somebody_else_are_absent(stand, projects_on):
    window = stand()
    strange = make_project(make_customer(), name="Zurrapa")
    db.session.commit()

    assert "Zurrapa" not in window.get("/projects").text
    assert window.get(f"/projects/{strange.public_id}").status_code == 404


def test_the_database_shows_shared_projects_of_the_customer_only(stand, projects_on, organization):
    """Raw SQL as the portal's role."""
    window = stand()
    own = make_entry(make_task(make_project(window.customer)))
    make_entry(make_task(make_project(window.customer, is_shared=False)))
    make_entry(make_task(make_project(make_customer())))
    db.session.commit()
    with db.engines["portal"].connect() as connection:
        connection.execute(
            text(
                f"SELECT set_config('app.organization_id', '{organization.id}', true),"
                f" set_config('app.customer_id', '{window.customer.id}', true)"
            )
        )
        for table, key in (
            ("time_entry", own.id),
            ("task", own.task_id),
            ("project", own.project_id),
        ):
            assert connection.execute(text(f"SELECT id FROM {table}")).scalars().all() == [key]


def test_only_who_sees_projects_by_their_role(stand, projects_on):
    window = stand(roles=("billing",), is_primary=False)
    project = make_project(window.customer)
    db.session.commit()

    assert window.get("/projects").status_code == 404
    assert window.get(f"/projects/{project.public_id}").status_code == 404


def test_older_entries_are_on_the_next_page(stand, projects_on):
    window = stand()
    task = make_task(make_project(window.customer))
    for number in range(30):
        make_entry(task, description=f"Entrada {number:02}", worked_on=date(2026, 8, 1))
    db.session.commit()
    where = f"/projects/{task.project.public_id}"

    first = window.get(where).text
    before = first.split("?before=")[1].split("#")[0]
    second = window.get(f"{where}?before={before}").text

    assert "Entrada 29" in first
    assert "Entrada 04" not in first
    assert "Entrada 04" in second
    assert "Entrada 29" not in second
    assert window.get(f"{where}?before=99999999999999999999999").status_code == 200
