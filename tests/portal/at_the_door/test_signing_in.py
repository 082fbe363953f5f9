"""Who signs in at the portal's door, what the door looks like, and when one is out again."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, update

from models.base import db
from models.people.contact import CustomerContact
from models.portal.portal_user import MembershipState, PortalMembership
from services.portal.portal_sessions import open_session
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.portal import make_portal_user
from tests.portal.door import PASSWORD, Door


def test_a_customer_signs_in_with_a_password(door: Door, sofia) -> None:
    answer = door.sign_in("sofia@lanapa.test")

    assert (answer.status_code, answer.location) == (302, door.url("/"))
    assert "Ferretería La Ñapa" in door.get().text


def test_a_session_that_was_planted_is_not_the_one_that_signs_in(door: Door, sofia) -> None:
    """Session fixation: what the browser held before opens nothing new."""
    planted = open_session(sofia, None, hours=1, ip=None, user_agent=None)
    db.session.commit()
    door.browser.set_cookie("portal", planted)
    door.post("/sign-in", form_at="/customers", login=sofia.login, password=PASSWORD)
    cookie = door.browser.get_cookie("portal")

    assert cookie is not None
    assert cookie.value != planted
    door.browser.set_cookie("portal", planted)
    assert not door.is_inside()


def test_the_cookies_of_both_doors_never_stand_for_one_another(
    door: Door, sofia, organization
) -> None:
    door.sign_in(sofia.login)
    cookie = door.browser.get_cookie("portal")
    assert cookie is not None
    with door.browser.session_transaction() as staff:
        staff["_user_id"] = cookie.value
    assert door.browser.get("/").status_code == 302

    clerk = make_user(organization)
    door.browser.delete_cookie("portal")
    door.browser.enter_as(clerk, organization)
    with door.browser.session_transaction() as staff:
        token = staff["_user_id"]
    door.browser.set_cookie("portal", token)

    assert not door.is_inside()


def test_who_is_suspended_is_out_with_the_next_click(door: Door, sofia) -> None:
    door.sign_in(sofia.login)
    assert door.is_inside()
    db.session.execute(update(PortalMembership).values(state=MembershipState.SUSPENDED))
    db.session.commit()

    assert not door.is_inside()
    assert door.get("/customers").status_code == 200


def test_P_11_one_person_goes_from_one_customer_to_another(door: Door, sofia) -> None:
    other, foreign = make_customer(name="Ladrillera Ocaña"), make_customer(name="Nobody's")
    contact = make_contact(other)
    saved = PortalMembership(
        portal_user_id=sofia.id,
        customer_id=other.id,
        contact_id=contact.id,
        state=MembershipState.VALIDATED,
        validated_at=datetime.now(UTC),
    )
    stranger = make_portal_user(foreign)
    db.session.add(saved)
    db.session.commit()
    there, elsewhere = saved.id, stranger.memberships[0].id

    door.sign_in(sofia.login)
    assert door.get("/").location == door.url("/customers")
    assert door.post("/customers", form_at="/customers", membership=str(there)).status_code == 302
    assert "Ladrillera Ocaña" in door.get("/").text
    refused = door.post("/customers", form_at="/customers", membership=str(elsewhere))

    assert refused.status_code == 404
    assert "Ladrillera Ocaña" in door.get("/").text


@pytest.mark.parametrize(
    "path", ["/sign-in", "/request-access", "/sign-in/spoken-code", "/sign-in/link/x"]
)
def test_the_door_wears_the_company(door: Door, organization, path: str) -> None:
    """Principle 7: its colour and its name, the portal's stylesheet, nothing of ours; in both languages."""
    organization.brand_color = "#7a2e5d"
    db.session.commit()

    page = door.get(path).text
    door.post("/language", lang="en", next=door.url(path))
    english = door.get(path).text

    assert "/look/7a2e5d.css" in page
    assert "portal." in page
    assert "app." not in page
    assert "Ventanilla" not in page
    assert (page.split(">")[1][-9:], english.split(">")[1][-9:]) == ('lang="es"', 'lang="en"')


def test_what_goes_wrong_inside_wears_the_company(door: Door, sofia, organization) -> None:
    organization.brand_color = "#7a2e5d"
    db.session.commit()
    door.sign_in("sofia@lanapa.test")

    page = door.get("/documents/00000000-0000-7000-8000-000000000000")

    assert page.status_code == 404
    assert "/look/7a2e5d.css" in page.text
    assert "Ventanilla" not in page.text


def test_own_access_stands_in_the_frame(door: Door, sofia) -> None:
    """P-21: with the menu around it, as one page among the others."""
    door.sign_in("sofia@lanapa.test")

    page = door.get("/security").text

    assert 'class="v-pnav"' in page
    assert "sofia@lanapa.test" in page


@pytest.mark.parametrize(
    ("next_page", "leads"),
    [
        ("/portal/{name}/invoices?state=open", True),
        ("https://evil.test/", False),
        ("//evil.test/portal/{name}/", False),
        ("/portal/{name}/../../admin/", False),
        ("/portal/{name}/%2e%2e/%2e%2e/admin/", False),
        ("/portal/{name}/\\evil.test", False),
        ("/portal/{name}/\r\nX-Evil: 1", False),
        ("//[", False),
    ],
)
def test_a_sign_in_leads_to_pages_of_this_portal_only(
    door: Door, sofia, next_page: str, leads: bool
) -> None:
    page = next_page.format(name=door.name)

    entered = door.post("/sign-in", login=sofia.login, password=PASSWORD, next=page)

    assert entered.location == (page if leads else door.url("/"))
    assert "X-Evil" not in entered.headers


def test_what_was_being_sent_when_the_session_ended_leads_home(door: Door, sofia) -> None:
    """An address that takes a form shows no page to come back to."""
    token = door.browser.csrf_token(door.url("/sign-in"))

    answer = door.browser.post(door.url("/reviews"), data={"csrf_token": token})

    assert answer.location == door.url("/sign-in")


@pytest.mark.parametrize("spoil", ["no contact of theirs", "switched off"])
def test_who_is_no_contact_any_more_is_out_with_the_next_click(
    door: Door, sofia, spoil: str
) -> None:
    """Nor are they led round in a circle between the customers to choose from and the door."""
    door.sign_in(sofia.login)
    if spoil == "switched off":
        sofia.memberships[0].contact.is_active = False
    else:
        db.session.execute(delete(CustomerContact))
    db.session.commit()

    assert door.get("/").location == door.url("/customers")
    assert "Ñapa" not in door.get("/customers").text
