"""Home, as people see it."""

from datetime import date, timedelta

import pytest

from models.people.organization import Organization
from tests.browser import Browser
from tests.factories.people import make_customer, make_mail_account, make_user
from tests.factories.sales import make_document


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


def test_the_page_of_a_clerk_asks_the_database_little(
    app: object, browser: Browser, organization: Organization
) -> None:
    """Few queries, however much there is."""
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

    assert len(asked) <= 25, "\n".join(asked)
