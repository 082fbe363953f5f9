"""P-20: the portal in Portuguese as it is drawn; what it says is walked through without a browser."""

from playwright.sync_api import BrowserContext, Page, expect

from models.base import db, utc_now
from models.sales.document import Quote
from tests.factories.sales import make_document
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at
from tests.journeys.portal_visit import make_visit


def test_P_20_words_longer_than_spanish_ones_have_room(
    company: Company,
    page: Page,
    context: BrowserContext,
    running: str,
    complaints: Complaints,
) -> None:
    """No finding of axe, not wider than a phone, nothing that moves while loading, no complaint."""
    visit = make_visit(company.customers[4], show_projects=True)
    make_document(visit.customer, number="555")
    today = utc_now().date()
    quote = make_document(visit.customer, kind=Quote, series="CO", number="77", due_date=today)
    answered = f"{visit.root}/documents/{quote.public_id}"
    db.session.commit()
    visit.stand_in(context, running)
    page.goto(f"{visit.root}/")
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Olá")
    expect(page.locator("html")).to_have_attribute("lang", "pt")

    findings = []
    for path in (f"{visit.root}/", answered, f"{visit.root}/account", f"{visit.root}/profile"):
        page.goto(path)
        findings += [f"{path}: {found}" for found in glance_at(page)]

    page.goto(answered)
    expect(page.get_by_role("button", name="Aceitar por")).to_be_visible()
    assert not findings, "\n".join(findings)
