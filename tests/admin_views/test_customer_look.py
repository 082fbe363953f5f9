"""P-22, P-24: staff see the portal as the customer does, and see that the customer saw a document."""

import pytest
from sqlalchemy import select

from models.base import db, utc_now
from models.portal.portal_session import PortalSession
from models.system.audit_event import AuditEvent
from tests.browser import new_browser
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document


@pytest.fixture
def customer(organization):
    return make_customer(name="Ferretería La Ñapa")


def look(app, organization, customer, role):
    browser = new_browser(app).enter_as(make_user(organization, role=role), organization)
    page = browser.get(f"/admin/customer/details/?id={customer.id}").text
    answer = browser.submit(f"/admin/customer/look/?id={customer.id}", form_at="/account")
    return browser, page, answer


def test_an_administrator_looks_and_the_audit_says_so(app, organization, customer):
    browser, page, answer = look(app, organization, customer, "administrator")

    assert "/admin/customer/look/" in page
    assert answer.status_code == 302
    home = browser.get(answer.headers["Location"])
    assert "Ferretería La Ñapa" in home.text
    assert "Así ve <b>Ferretería La Ñapa</b> el portal." in home.text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "look")).one()
    assert (event.entity, event.entity_id) == ("customer", customer.id)
    left = browser.submit(f"{answer.headers['Location']}sign-out", form_at="/account")
    assert left.headers["Location"] == f"/admin/customer/details/?id={customer.id}"
    assert db.session.scalars(select(PortalSession)).one().revoked_at is not None


def test_a_look_goes_on_in_the_other_language_and_the_staffs_own_stays(app, organization, customer):
    """P-22: what an English-speaking contact reads is seen, too."""
    browser, _page, answer = look(app, organization, customer, "administrator")
    home = answer.headers["Location"]

    switched = browser.submit(f"{home}language", {"lang": "en"}, form_at="/account")

    assert switched.status_code == 302
    assert "This is how <b>Ferretería La Ñapa</b> sees the portal." in browser.get(home).text
    assert '<html lang="es"' in browser.get("/account").text


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_the_right_is_its_own_and_nobodys_by_default(app, organization, customer, role):
    _browser, page, answer = look(app, organization, customer, role)

    assert "/admin/customer/look/" not in page
    assert answer.status_code == 403
    assert db.session.scalars(select(PortalSession)).all() == []


def test_another_companys_customer_is_not_looked_at(app, organization):
    from models.tenancy import acting_in
    from tests.factories.people import make_organization

    with acting_in(make_organization().id):
        foreign = make_customer()
    browser = new_browser(app).enter_as(make_user(organization, role="administrator"), organization)

    assert (
        browser.submit(f"/admin/customer/look/?id={foreign.id}", form_at="/account").status_code
        == 404
    )


def test_P_24_lists_and_pages_say_that_a_document_was_viewed(app, organization, customer):
    seen = make_document(customer, first_viewed_at=utc_now())
    make_document(customer)
    browser = new_browser(app).enter_as(make_user(organization), organization)

    assert browser.get("/admin/invoice/").text.count("#eye-check") == 1
    assert "#eye-check" in browser.get(f"/admin/invoice/details/?id={seen.id}").text
