"""Cards that customers leave with the payment provider (S2-16), and what staff read where there is none."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from models.base import db
from services.sales.payment_methods import keep_method
from services.sales.payment_providers import KeptCard, PracticeProvider
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import glance_at
from tests.journeys.portal_visit import DESK, PHONE, Visit, make_visit
from tests.journeys.windows import WIDTHS, OpenWindow, press


@pytest.fixture
def visit(company: Company) -> Visit:
    company.account.is_shared = True
    company.organization.brand_color = "#7a2e5d"
    return make_visit(company.customers[4], title="Distribuidora Peñalba", allow_card_edit=True)


@pytest.fixture
def window(visit: Visit, page: Page, context: BrowserContext, running: str) -> Page:
    """The customer's browser, signed in, on the first page."""
    visit.stand_in(context, running)
    page.goto(f"{visit.root}/")
    return page


@pytest.fixture
def with_cards(application: Flask, running: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with the provider to practise with, which leads back to where it is."""
    settings = replace(
        application.extensions["settings"], ventanilla_demo=True, public_base_url=running
    )
    monkeypatch.setitem(application.extensions, "settings", settings)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_card_is_left_with_the_provider(
    visit: Visit, with_cards: None, open_window: OpenWindow, running: str, width: int
) -> None:
    """S2-16: there, back, kept by its last figures; used by default before the other one, and gone again."""
    card = KeptCard(token="tok_1", brand="Visa", last4="1111")
    keep_method(visit.customer, PracticeProvider(), card, ip=None)
    db.session.commit()
    window, _complaints = open_window(width)
    visit.stand_in(window.context, running)
    window.goto(f"{visit.root}/profile")
    press(window.get_by_role("link", name="Agregar: "))
    press(window.get_by_role("link", name="Continuar"))
    expect(window.get_by_role("button", name="Conservarlo")).to_be_visible()
    findings = glance_at(window)
    assert not findings, "\n".join(findings)
    press(window.get_by_role("button", name="Conservarlo"))
    methods = window.locator("section", has=window.locator("#methods")).locator(".v-people li")
    new, former = methods.filter(has_text="4242"), methods.filter(has_text="1111")
    expect(former).to_contain_text("se usa por defecto")
    press(new.get_by_role("button", name="Usar por defecto"))
    expect(new).to_contain_text("se usa por defecto")
    expect(former).not_to_contain_text("se usa por defecto")
    press(new.get_by_role("button", name="Quitar"))
    expect(window.locator(".v-toast")).to_be_visible()
    expect(methods).to_have_count(1)


def test_staff_read_why_nobody_sees_cards(
    window: Page,
    visit: Visit,
    company: Company,
    open_window: OpenWindow,
    sign_in: Callable[..., None],
    request: pytest.FixtureRequest,
) -> None:
    """S2-16: without a provider the customer has no such part, and the preferences say why; with one, neither."""
    make_user(company.organization, role="administrator", email="admin@penalba.test")
    db.session.commit()
    staff, _theirs = open_window(390)
    sign_in(staff, "admin@penalba.test")
    for has_provider in (False, True):
        if has_provider:
            request.getfixturevalue("with_cards")
        for size in (PHONE, DESK):
            staff.set_viewport_size(size)
            staff.goto("/preferences/portal/customer-portal")
            expect(staff.locator("#allow_card_edit")).to_be_checked()
            expect(staff.locator("#no-provider")).to_have_count(0 if has_provider else 1)
            window.set_viewport_size(size)
            window.goto(f"{visit.root}/profile")
            methods = window.get_by_role("heading", name="Medios de pago")
            expect(methods).to_have_count(1 if has_provider else 0)
