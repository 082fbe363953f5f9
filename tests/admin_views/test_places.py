"""The choice of company and branch, and what it does to what one sees."""

import pytest
from sqlalchemy import select

from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.role import Role
from models.people.user import User
from models.people.user_session import UserSession
from models.system.audit_event import AuditEvent
from models.tenancy import across_organizations, acting_in
from services.people.places import place_of
from services.people.staff import create_organization
from tests.browser import Browser
from tests.factories.people import make_organization, make_user
from tests.factories.saving import saved


def join(user: User, organization: Organization, *, branch: Branch | None = None) -> None:
    """One more membership, as a reader."""
    role_id = db.session.scalars(select(Role.id).where(Role.code == "reader")).one()
    with acting_in(organization.id):
        saved(
            UserMembership(
                user_id=user.id, role_id=role_id, branch_id=branch.id if branch else None
            )
        )


def branch_of(organization: Organization, name: str) -> Branch:
    with acting_in(organization.id):
        return saved(Branch(code=name, name=name))


def here(browser: Browser) -> tuple[int | None, int | None]:
    db.session.expire_all()
    row = db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert row is not None
    return row.organization_id, row.branch_id


@pytest.fixture
def user(organization: Organization) -> User:
    return make_user(organization)


def test_one_company_is_not_asked_for(
    browser: Browser, user: User, organization: Organization
) -> None:
    """S4-03: the chooser appears when there is more than one place."""
    db.session.commit()

    browser.sign_in(user.email)

    assert browser.get("/").status_code == 200
    assert here(browser) == (organization.id, None)


def test_two_companies_are_and_the_choice_shows_in_the_header(browser: Browser, user: User) -> None:
    """S4-03: choose company and branch; the context is shown in the header."""
    other = make_organization(name="Comercial Mañanita")
    join(user, other)
    north = branch_of(other, "Norte")
    branch_of(other, "Sur")
    db.session.commit()
    browser.sign_in(user.email)
    assert browser.get("/").location == "/place?next=/"

    browser.submit("/place", {"organization": other.id, f"branch-{other.id}": north.id})

    page = browser.get("/").text
    assert "Comercial Mañanita" in page
    assert "Norte" in page
    assert here(browser) == (other.id, north.id)


def test_looking_at_the_choice_changes_nothing(browser: Browser, user: User) -> None:
    join(user, make_organization())
    db.session.commit()
    browser.sign_in(user.email)

    browser.get("/place")

    assert here(browser) == (None, None)


def test_a_foreign_company_cannot_be_chosen(
    browser: Browser, user: User, organization: Organization
) -> None:
    foreign = make_organization()
    browser.enter_as(user, organization)

    answer = browser.submit("/place", {"organization": foreign.id})

    assert answer.status_code == 404
    assert here(browser) == (organization.id, None)


def test_a_branch_of_another_company_cannot_be_chosen(
    browser: Browser, user: User, organization: Organization
) -> None:
    foreign = branch_of(make_organization(), "Ajena")
    browser.enter_as(user, organization)

    answer = browser.submit(
        "/place", {"organization": organization.id, f"branch-{organization.id}": foreign.id}
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("wanted", ["all", "other"])
def test_a_membership_of_one_branch_opens_only_that_branch(
    browser: Browser, user: User, organization: Organization, wanted: str
) -> None:
    company = make_organization()
    mine, other = branch_of(company, "Mía"), branch_of(company, "Otra")
    join(user, company, branch=mine)
    browser.enter_as(user, organization)
    page = browser.get("/place").text
    assert "Otra" not in page

    branch = "all" if wanted == "all" else other.id
    refused = browser.submit("/place", {"organization": company.id, f"branch-{company.id}": branch})
    taken = browser.submit("/place", {"organization": company.id, f"branch-{company.id}": mine.id})

    assert (refused.status_code, taken.status_code) == (404, 302)
    assert here(browser) == (company.id, mine.id)


@pytest.mark.parametrize("fields", [{}, {"organization": "x"}, {"organization": "1' OR 1=1"}])
def test_nonsense_is_refused(
    browser: Browser, user: User, organization: Organization, fields: dict[str, str]
) -> None:
    browser.enter_as(user, organization)

    assert browser.submit("/place", fields).status_code == 422


def test_the_rights_are_those_of_the_place(
    browser: Browser, user: User, organization: Organization
) -> None:
    """Clerk here, reader there."""
    other = make_organization()
    join(user, other)

    here_rights, there_rights = (
        place.rights
        for place in (place_of(user, organization.id, None), place_of(user, other.id, None))
        if place
    )

    assert here_rights.allows("document", "create")
    assert not there_rights.allows("document", "create")
    assert there_rights.allows("document", "view")


def test_losing_the_membership_closes_the_place_at_once(
    browser: Browser, user: User, organization: Organization
) -> None:
    browser.enter_as(user, organization)
    assert browser.get("/").status_code == 200
    with across_organizations():
        membership = db.session.scalars(UserMembership.of_user(user)).one()
    with acting_in(organization.id):
        db.session.delete(membership)
        db.session.commit()

    assert browser.get("/").location == "/place?next=/"


def test_every_choice_is_told_in_the_audit(
    browser: Browser, user: User, organization: Organization
) -> None:
    other = make_organization()
    join(user, other)
    browser.enter_as(user, organization)

    browser.submit("/place", {"organization": other.id})

    with across_organizations():
        rows = db.session.scalars(
            select(AuditEvent).where(AuditEvent.action == "choose_place").order_by(AuditEvent.id)
        ).all()
    assert rows[-1].actor_name == user.name
    assert rows[-1].before == {"organization": organization.id, "branch": None}
    assert rows[-1].after == {"organization": other.id, "branch": None}


def test_a_remembered_choice_is_not_asked_for_again(
    browser: Browser, user: User, organization: Organization
) -> None:
    other = make_organization()
    join(user, other)
    db.session.commit()
    browser.sign_in(user.email)
    browser.submit("/place", {"organization": other.id, "remember": "on"})
    browser.submit("/sign-out", form_at="/")

    browser.sign_in(user.email)

    assert browser.get("/").status_code == 200
    assert here(browser) == (other.id, None)


def test_the_main_branch_alone_is_no_choice(browser: Browser, user: User) -> None:
    company = create_organization("UNA", "Una sola")
    join(user, company)
    db.session.commit()
    browser.sign_in(user.email)

    page = browser.get("/place").text

    assert f"branch-{company.id}" not in page
