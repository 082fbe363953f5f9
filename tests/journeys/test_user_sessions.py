"""The tab *Sessions* of the global users, in two real browsers."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from models.base import db
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at

SignIn = Callable[..., None]


def test_somebody_is_signed_out_of_another_browser(
    company: Company, chromium: Browser, running: str, page: Page, sign_in: SignIn
) -> None:
    """S4-07: found from the tabs of the users; the other browser is led to the door at its next page."""
    admin = make_user(company.organization, role="administrator", name="Ana Peña")
    db.session.commit()
    elsewhere = chromium.new_context(base_url=running, locale="es-CO").new_page()
    sign_in(elsewhere, company.clerk.email)
    sign_in(page, admin.email)
    page.goto("/admin/user/advanced/")
    page.get_by_role("link", name="Sesiones", exact=True).click()
    row = page.locator("tbody tr").filter(has_text=company.clerk.email)
    expect(row).to_contain_text("Chrome, Linux")
    look_at(page, "user-sessions")

    row.get_by_role("button", name="Cerrar sesión").click()

    expect(page.get_by_text(f"Se cerró una sesión de {company.clerk.name}.")).to_be_visible()
    expect(page.locator("tbody tr").filter(has_text=company.clerk.email)).to_have_count(0)
    elsewhere.goto("/account")
    assert "/sign-in" in elsewhere.url
    elsewhere.context.close()
    page.set_viewport_size({"width": 390, "height": 844})
    look_at(page, "user-sessions-phone")
