"""The announcement above the portal's home: staff write it and say from when until when, customers find it on those days (S2-26)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from models.base import utc_now
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.portal_visit import DESK, PHONE, Visit, make_visit
from tests.journeys.windows import OpenWindow, press

SignIn = Callable[..., None]
ADMIN = "admin@penalba.test"
PREFERENCES = "/preferences/portal/customer-portal"
WORDS = "El lunes no despachamos."
BOX = ".v-banner"


@pytest.fixture
def visit(company: Company) -> Visit:
    company.organization.timezone = "UTC"
    make_user(company.organization, role="administrator", name="Zoe Ávila", email=ADMIN)
    return make_visit(company.customers[4], title="Distribuidora Peñalba")


def test_the_banner_stands_there_on_its_days(
    visit: Visit, open_window: OpenWindow, sign_in: SignIn
) -> None:
    """S2-26: from tomorrow not yet, until today still, until yesterday no more, without words no box; in the reader's language."""
    today = utc_now().date()
    day = timedelta(days=1)
    window, _complaints = open_window(390)
    visit.sign_in(window)
    staff, theirs = open_window(390)
    sign_in(staff, ADMIN)
    staff.goto(PREFERENCES)
    staff.get_by_role("textbox", name="Mensaje · Español").fill(WORDS)
    _save(staff, (today + day).isoformat(), "")
    _expect_on_both(window, visit, "")

    staff.set_viewport_size(DESK)
    staff.get_by_role("textbox", name="Mensaje · Inglés").fill("No deliveries on Monday.")
    _save(staff, (today - day).isoformat(), today.isoformat())
    _expect_on_both(window, visit, WORDS)
    press(window.get_by_role("button", name="English"))
    expect(window.locator(BOX)).to_have_text("No deliveries on Monday.")

    theirs.expect(422)
    staff.locator("#banner_to").fill((today - 2 * day).isoformat())
    press(staff.get_by_role("button", name="Guardar").last)
    expect(staff.locator("#error-banner_to")).to_be_visible()
    staff.set_viewport_size(PHONE)
    _save(staff, (today - 2 * day).isoformat(), (today - day).isoformat())
    _expect_on_both(window, visit, "")

    for language in ("Español", "Inglés"):
        message = staff.get_by_role("textbox", name=f"Mensaje · {language}")
        message.press("ControlOrMeta+a")
        message.press("Delete")
        expect(message).to_have_text("")
    _save(staff, "", "")
    _expect_on_both(window, visit, "")


def _save(staff: Page, begins: str, ends: str) -> None:
    staff.locator("#banner_from").fill(begins)
    staff.locator("#banner_to").fill(ends)
    with staff.expect_navigation():  # the notice of the last time may still stand there
        press(staff.get_by_role("button", name="Guardar").last)
    expect(staff.get_by_text("Las preferencias del portal se guardaron.")).to_be_visible()
    expect(staff.locator("#banner_from")).to_have_value(begins)


def _expect_on_both(window: Page, visit: Visit, words: str) -> None:
    """On a desk and on a telephone."""
    for size in (DESK, PHONE):
        window.set_viewport_size(size)
        window.goto(f"{visit.root}/")
        expect(window.get_by_role("heading", level=1)).to_be_visible()
        if words:
            expect(window.locator(BOX)).to_have_text(words)
        else:
            expect(window.locator(BOX)).to_have_count(0)
