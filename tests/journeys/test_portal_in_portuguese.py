"""P-20: the portal in Portuguese as it is drawn; what it says is walked through without a browser."""

from playwright.sync_api import BrowserContext, Page, expect

from models.base import db
from models.sales.document import Invoice, Quote
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
    visit = make_visit(company.customers[0])
    for kind in (Invoice, Quote):
        make_document(visit.customer, kind=kind, number="555")
    db.session.commit()
    visit.stand_in(context, running)
    page.goto(f"{visit.root}/")
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Olá")
    expect(page.locator("html")).to_have_attribute("lang", "pt")
    page.goto(f"{visit.root}/quotes")
    quote = page.locator("main a[href*='/documents/']").first.get_attribute("href") or ""

    findings = []
    for path in (f"{visit.root}/", quote, f"{visit.root}/account", f"{visit.root}/profile"):
        page.goto(path)
        findings += [f"{path}: {found}" for found in glance_at(page)]

    assert not findings, "\n".join(findings)
