"""The portal's guard: closed by default, one customer at a time, what is off is absent."""

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from models.base import db
from models.people.membership import UserMembership
from models.portal.portal_settings import FormerPortalName
from models.portal.portal_user import MembershipState, PortalMembership
from models.system.audit_event import AuditEvent
from services.portal.portal_sessions import open_staff_look
from tests.browser import new_browser
from tests.factories.people import make_contact, make_customer, make_group, make_user
from tests.factories.portal import make_portal_user, portal_name, sign_in_to_portal
from tests.factories.saving import saved

OPEN = {
    "portal-door.sign_in",
    "portal-door.language",
    "portal-sign_in.password",
    "portal-sign_in.second_step",
    "portal-magic_links.ask",
    "portal-magic_links.link",
    "portal-magic_links.enter",
    "portal-spoken_code.spoken_code",
    "portal-verify.verify",
    "portal-forgotten.user_name",
    "portal-forgotten.password",
    "portal-forgotten.reset",
    "portal-invitation.accept",
    "portal-security_address.link",
    "portal-security_address.confirm",
    "portal-request_company.company",
    "portal-request_company.questions",
    *(
        f"portal-request_access.{page}"
        for page in (
            *(
                "terms",
                "contact",
                "resume",
                "code",
                "status",
                "answer",
                "another",
            ),
        )
    ),
}
AT_NO_CUSTOMER = {
    "portal-door.customers",
    "portal-door.choose_customer",
    "portal-door.look",
    "portal-door.sign_out",
    "portal-security.security",
    "portal-security.password",
    "portal-security.password_link",
    "portal-security.end",
    "portal-security.end_all",
    "portal-security_address.ask",
    "portal-security_second_step.begin",
    "portal-security_second_step.switch",
    "portal-security_second_step.off",
    "portal-security_second_step.codes",
}


def test_every_page_of_the_portal_says_who_may_see_it(app: Flask) -> None:
    """Deny by default: the pages that need nobody are listed here, and nowhere else."""
    doors = {
        endpoint: getattr(view, "portal_door", None)
        for endpoint, view in app.view_functions.items()
        if endpoint.startswith("portal-")
    }

    assert {name for name, door in doors.items() if door == "open to everybody"} == OPEN
    assert {
        name for name, door in doors.items() if door == "signed in, at no customer yet"
    } == AT_NO_CUSTOMER


def test_a_stranger_is_led_to_the_portals_own_door(app: Flask, organization) -> None:
    name = portal_name()
    db.session.commit()

    answer = new_browser(app).get(f"/portal/{name}/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"/portal/{name}/sign-in")


def test_a_portal_user_stands_at_one_customer(app: Flask, organization) -> None:
    user = make_portal_user(make_customer(name="Ferretería La Ñapa"))
    make_customer(number="C2", name="Somebody Else")
    name, browser = portal_name(), new_browser(app)
    sign_in_to_portal(browser, user)

    page = browser.get(f"/portal/{name}/")

    assert page.status_code == 200
    assert "Ferretería La Ñapa" in page.text
    assert "no-store" in page.headers["Cache-Control"]


@pytest.mark.parametrize("spoil", ["suspended", "group", "user", "name"])
def test_who_may_not_any_more_is_out_at_once(app: Flask, organization, spoil: str) -> None:
    group = make_group(uses_portal=True)
    user = make_portal_user(make_customer(customer_group_id=group.id))
    name, browser = portal_name(), new_browser(app)
    sign_in_to_portal(browser, user)
    assert browser.get(f"/portal/{name}/").status_code == 200

    if spoil == "suspended":
        db.session.execute(update(PortalMembership).values(state=MembershipState.SUSPENDED))
    elif spoil == "group":
        group.uses_portal = False
    elif spoil == "user":
        user.is_active = False
    db.session.commit()

    answer = browser.get(f"/portal/{name if spoil != 'name' else 'nobody'}/")
    assert answer.status_code == (404 if spoil == "name" else 302)


def test_S2_06_an_old_name_leads_to_the_new_one(app: Flask, organization) -> None:
    name = portal_name()
    saved(FormerPortalName(name="antes"))
    db.session.commit()

    answer = new_browser(app).get("/portal/antes/sign-in?next=/x")

    assert answer.status_code == 301
    assert answer.headers["Location"] == f"/portal/{name}/sign-in?next=/x"


def test_P_22_staff_look_and_change_nothing(app: Flask, organization) -> None:
    customer, user = make_customer(), make_user(organization)
    name, browser = portal_name(), new_browser(app)
    token = open_staff_look(user.id, customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser.set_cookie("portal", token)

    assert browser.get(f"/portal/{name}/").status_code == 200
    assert browser.post(f"/portal/{name}/customers").status_code in (400, 403, 405)


def test_P_22_a_language_is_chosen_for_one_look(app: Flask, organization) -> None:
    """The next customer is seen in the language of that customer."""
    customer, user = make_customer(), make_user(organization)
    home, browser = f"/portal/{portal_name()}/", new_browser(app)

    def look() -> str:
        token = open_staff_look(user.id, customer.id, ip=None, user_agent=None)
        db.session.commit()
        browser.set_cookie("portal", token)
        return browser.get(home).text

    assert '<html lang="es"' in look()
    browser.submit(f"{home}language", {"lang": "en", "next": home}, form_at=home)

    assert '<html lang="en"' in browser.get(home).text
    assert '<html lang="es"' in look()


def test_P_22_who_works_there_no_more_looks_at_nothing(app: Flask, organization) -> None:
    customer, user = make_customer(), make_user(organization)
    name, browser = portal_name(), new_browser(app)
    token = open_staff_look(user.id, customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser.set_cookie("portal", token)
    assert browser.get(f"/portal/{name}/").status_code == 200

    db.session.execute(delete(UserMembership))
    db.session.commit()

    assert browser.get(f"/portal/{name}/").status_code == 302


def test_P_22_a_look_ends_with_the_session_of_staff(app: Flask, organization) -> None:
    """Signing out ends it; what a colleague looks at goes on."""
    customer, user, colleague = make_customer(), make_user(organization), make_user(organization)
    name, browsers = portal_name(), [new_browser(app), new_browser(app)]
    for browser, each in zip(browsers, (user, colleague), strict=True):
        token = open_staff_look(each.id, customer.id, ip=None, user_agent=None)
        browser.enter_as(each, organization)
        browser.set_cookie("portal", token)
    db.session.commit()
    assert browsers[0].get(f"/portal/{name}/").status_code == 200

    browsers[0].submit("/sign-out", form_at="/")

    assert browsers[0].get(f"/portal/{name}/").status_code == 302
    assert browsers[1].get(f"/portal/{name}/").status_code == 200


def test_P_22_staff_look_as_one_contact_who_sees_less(app: Flask, organization) -> None:
    """Every look stands in the audit, and only contacts of this customer can be chosen."""
    customer, user = make_customer(), make_user(organization)
    make_contact(customer)
    technician = make_contact(customer, roles=("technical",), is_primary=False, name="Óscar Ibáñez")
    stranger = make_contact(make_customer(), name="Zoila Ajena")
    name, browser = portal_name(), new_browser(app)
    token = open_staff_look(user.id, customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser.set_cookie("portal", token)
    home = f"/portal/{name}/"

    whole = browser.get(home).text
    browser.submit(f"{home}look", {"contact": str(technician.id)}, form_at=home)
    as_one = browser.get(home).text
    browser.submit(f"{home}look", {"contact": str(stranger.id)}, form_at=home)
    as_nobody = browser.get(home).text

    assert "/invoices" in whole
    assert "Hola, Óscar" in as_one
    assert "/invoices" not in as_one
    assert browser.get(f"{home}security").status_code == 404
    assert "Zoila" not in as_nobody
    assert "/invoices" in as_nobody
    query = select(AuditEvent.after["contact"].astext).where(AuditEvent.action == "look")
    assert db.session.scalars(query.order_by(AuditEvent.id)).all() == ["Óscar Ibáñez", None]


def test_a_customer_has_nobody_to_look_as(stand) -> None:
    assert stand().submit("/look", {"contact": "1"}).status_code == 404
