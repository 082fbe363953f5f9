"""Where the portal is found, on a desk and on a telephone: staff change its name and prove its domain, customers follow what they were sent."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from mail.name_lookup import NameLookup
from models.base import db
from models.portal.portal_settings import PortalSettings
from services.portal.custom_domain import forget_hosts
from tests.factories.people import make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.letters import found
from tests.journeys.portal_visit import DESK, PHONE, Visit, make_visit
from tests.journeys.product import Product
from tests.journeys.windows import PHONE_WIDTH, WIDTHS, OpenWindow, press
from tests.servers.name_server import LocalNameServer, Zone

SignIn = Callable[..., None]
ADMIN = "admin@penalba.test"
PREFERENCES = "/preferences/portal/customer-portal"
DOMAIN = "clientes.penalba.test"
OURS = "localhost"


@pytest.fixture
def visit(company: Company) -> Visit:
    make_user(company.organization, role="administrator", name="Zoe Ávila", email=ADMIN)
    return make_visit(company.customers[4], title="Distribuidora Peñalba")


@pytest.fixture
def zone(application: Flask, running: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Zone]:
    """What the name server knows that this installation asks; a test adds to it."""
    zone: Zone = {}
    with LocalNameServer(zone) as server:
        lookup = NameLookup(nameservers=("127.0.0.1",), port=server.port)
        monkeypatch.setitem(application.extensions, "name_lookup", lookup)
        yield zone
    forget_hosts()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_was_sent_before_a_new_name_goes_on_working(
    visit: Visit, product: Product, open_window: OpenWindow, sign_in: SignIn, width: int
) -> None:
    """S2-02, S2-03, S2-06: by the menu to the tab, the name by *Editar*; a link of yesterday's message signs in all the same."""
    page, _complaints = open_window(width)
    page.goto(f"{visit.root}/sign-in")
    page.locator("#email").fill(visit.user.email)
    press(page.get_by_role("button", name="Enviarme un enlace"))
    link = found(product, visit.user.email, r"(/portal/\S+/sign-in/link/[\w-]+)")
    assert link.startswith(f"{visit.root}/")

    staff, _theirs = open_window(width)
    sign_in(staff, ADMIN)
    if width == PHONE_WIDTH:
        press(staff.get_by_role("button", name="Abrir el menú"))
    menu = staff.get_by_role("navigation", name="Principal")
    for word in ("Configuración", "Preferencias"):
        press(menu.get_by_text(word, exact=True).last)
    press(menu.get_by_role("link", name="Portal", exact=True))
    tab = staff.get_by_role("link", name="Portal del Cliente")
    expect(tab).to_have_attribute("aria-current", "page")
    press(staff.get_by_text("Editar", exact=True))
    staff.locator("#name").fill("Peñalba Sur")
    _save(staff)
    expect(staff.get_by_text("/portal/penalba-sur/")).to_be_visible()

    page.goto(link)
    assert "/portal/penalba-sur/sign-in/link/" in page.url
    press(page.get_by_role("button", name="Iniciar sesión"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hola")
    page.goto(f"{visit.root}/invoices")
    assert page.url.endswith("/portal/penalba-sur/invoices")
    expect(page.get_by_role("heading", level=1)).to_have_text("Facturas")


def test_the_domain_is_shown_to_be_ours(
    visit: Visit, zone: Zone, open_window: OpenWindow, sign_in: SignIn
) -> None:
    """S2-07: the records stand there to be made; the check says of each what it found, until the domain is ours."""
    staff, complaints = open_window(PHONE_WIDTH)
    sign_in(staff, ADMIN)
    staff.goto(PREFERENCES)
    complaints.expect(422)
    staff.locator("#custom_domain").fill("clientes penalba")
    press(staff.get_by_role("button", name="Guardar").last)
    expect(staff.locator("#error-custom_domain")).to_be_visible()
    staff.locator("#custom_domain").fill(DOMAIN)
    _save(staff)
    lines = staff.get_by_role("list", name="Comprobación del dominio").get_by_role("listitem")
    expect(lines).to_have_count(2)
    expect(lines.nth(0)).to_contain_text(f"_ventanilla.{DOMAIN}")
    expect(lines.nth(1)).to_contain_text(OURS)
    expect(lines.locator(".v-state")).to_have_text(["Sin comprobar"] * 2)
    press(staff.get_by_role("button", name="Comprobar"))
    expect(lines.locator(".v-state")).to_have_text(["No está"] * 2)

    zone[(f"_ventanilla.{DOMAIN}", "TXT")] = ['"v1-of-yesterday"']
    staff.set_viewport_size(DESK)
    press(staff.get_by_role("button", name="Comprobar"))
    expect(lines.locator(".v-state")).to_have_text(["Otro valor", "No está"])
    expect(lines.nth(0)).to_contain_text("v1-of-yesterday")
    look_at(staff, "portal-domain")
    db.session.rollback()
    settings = db.session.scalars(select(PortalSettings)).one()
    zone[(f"_ventanilla.{DOMAIN}", "TXT")] = [f'"{settings.domain_challenge}"']
    press(staff.get_by_role("button", name="Comprobar"))
    expect(lines.locator(".v-state")).to_have_text(["Encontrado", "No está"])
    expect(staff.locator(".v-note.warn")).to_contain_text("CNAME")

    zone[(DOMAIN, "CNAME")] = [f"{OURS}."]
    staff.set_viewport_size(PHONE)
    press(staff.get_by_role("button", name="Comprobar"))
    expect(lines.locator(".v-state")).to_have_text(["Encontrado"] * 2)
    expect(staff.locator(".v-note.ok")).to_contain_text("El dominio es suyo")
    expect(staff.get_by_role("link", name="Abrir el portal")).to_have_attribute(
        "href", re.compile(f"//{DOMAIN}{visit.root}/$")
    )


def _save(staff: Page) -> None:
    press(staff.get_by_role("button", name="Guardar").last)
    expect(staff.get_by_text("Las preferencias del portal se guardaron.")).to_be_visible()
