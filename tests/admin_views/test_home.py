"""Home, as people see it."""

from datetime import date, timedelta

import pytest

from models.people.organization import Organization
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.work.comment import Comment
from tests.browser import Browser
from tests.factories.people import make_customer, make_mail_account, make_user
from tests.factories.portal import make_access_request, make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved


@pytest.fixture
def staff(browser: Browser, organization: Organization) -> Browser:
    return browser.enter_as(make_user(organization, name="Lucía Ordóñez"), organization)


def late(**fields: object) -> None:
    make_document(
        make_customer(),
        due_date=date.today() - timedelta(days=45),  # noqa: DTZ011
        **fields,
    )


def test_a_new_company_is_told_what_to_do_next(staff: Browser) -> None:
    page = staff.get("/").text

    assert 'id="steps"' in page
    assert "/admin/mail_account/new/" in page
    assert 'id="ageing"' not in page


def test_home_leads_to_the_common_tasks(staff: Browser) -> None:
    """S1-03: Home > Common tasks."""
    page = staff.get("/").text

    assert 'id="tasks"' in page
    assert "/admin/invoice/" in page.partition('id="tasks"')[2]


def test_receivables_are_drawn_and_can_be_read_as_a_table(
    browser: Browser, organization: Organization
) -> None:
    late(currency="EUR", price=1000)
    late(currency="COP", price=9000)
    browser.enter_as(make_user(organization), organization)

    page = browser.get("/?currency=COP").text

    assert 'role="img"' in page
    assert 'aria-current="true">COP' in page
    assert page.count('<th scope="row">') == 2
    assert "10.710,00" in page or "10,710.00" in page


@pytest.mark.parametrize("currency", ["", "XXX", "'; DROP TABLE", "<script>"])
def test_any_other_currency_is_the_companys_own(
    browser: Browser, organization: Organization, currency: str
) -> None:
    late(currency="EUR")
    browser.enter_as(make_user(organization), organization)

    answer = browser.get("/", query_string={"currency": currency})

    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script nonce", "")


def test_a_paused_account_is_a_matter(browser: Browser, organization: Organization) -> None:
    make_mail_account(address="norte@example.com").paused_reason = "auth_failed"
    browser.enter_as(make_user(organization), organization)

    matters = browser.get("/").text.partition('id="matters"')[2].partition("</section>")[0]

    assert "norte@example.com" in matters
    assert "#key-off" in matters


def test_what_waits_in_the_portal_and_what_happened_there(
    browser: Browser, organization: Organization
) -> None:
    """Mockup 02: a comment that nobody has seen to, who asks for access, and what customers did last."""
    customer = make_customer(name="Óptica Peñafiel")
    sofia = make_portal_user(customer, name="Sofía Ñáñez")
    invoice = make_document(customer, number="10390")
    about = {"customer_id": customer.id, "document_id": invoice.id, "portal_user_id": sofia.id}
    saved(Comment(author_name="Sofía Ñáñez", body="¿Pueden <b>desglosar</b>\nel flete?", **about))
    saved(
        PortalEvent(
            kind=PortalEventKind.ACCEPTED,
            actor=EventActor.PORTAL_USER,
            actor_name="Íñigo Peñafiel",
            **about,
        )
    )
    make_access_request()
    browser.enter_as(make_user(organization), organization)

    page = browser.get("/").text
    matters = page.partition('id="matters"')[2].partition("</section>")[0]
    happened = page.partition('id="happened"')[2].partition("</section>")[0]

    assert "1 comentario de un cliente no tiene respuesta" in matters
    assert "Sofía Ñáñez en FV-10390: «¿Pueden &lt;b&gt;desglosar&lt;/b&gt; el flete?»" in matters
    assert f"/admin/invoice/details/?id={invoice.id}#comments" in matters
    assert "1 persona pide acceso al portal" in matters
    assert "Íñigo Peñafiel" in happened and "Óptica Peñafiel" in happened
    timeline = browser.get(f"/admin/customer/timeline/?id={customer.id}").text
    side = timeline.partition('id="side-do"')[2].partition("</section>")[0]
    assert "Un comentario no tiene respuesta" in side
    assert f"/admin/customer/edit/?id={customer.id}" in timeline


def test_the_page_of_a_clerk_asks_the_database_little(
    app: object, browser: Browser, organization: Organization
) -> None:
    """Few queries, however much there is: two or three for each card of the page."""
    from sqlalchemy import event

    from models.base import db

    for _invoice in range(20):
        late()
    browser.enter_as(make_user(organization), organization)
    browser.get("/")
    asked: list[str] = []

    def note(*arguments: object) -> None:
        asked.append(str(arguments[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    browser.get("/")
    event.remove(db.engine, "before_cursor_execute", note)

    assert len(asked) <= 27, "\n".join(asked)
