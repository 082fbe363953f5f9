"""S4-20: the way to everybody's mail accounts, walked as a person walks it, from the door to *Accept*."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app import create_app
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.organization import Branch, Department, Organization
from models.tenancy import acting_in
from settings import Settings
from tests.addon_packages import install_example, install_module, on_the_path
from tests.factories.accounts import make_colleague, make_department, make_own_account
from tests.factories.people import PASSWORD, make_organization, make_user
from tests.factories.saving import saved
from tests.journeys.conftest import Product
from tests.journeys.inspection import look_at
from tests.journeys.product import web_server

SignIn = Callable[..., None]
EMAIL = "admin@penalba.test"
NAMES = ("Andrés Muñoz", "Begoña Íñiguez", "Camilo Peñaranda", "Diana Güiza")


@pytest.fixture
def ventas(product: Product, organization: Organization) -> Department:
    """Two companies, the first with two branches; four people in Ventas, three of them with an account."""
    organization.name = "Distribuidora Peñalba"
    saved(Branch(code="BOG", name="Bogotá · Centro"))
    saved(Branch(code="MED", name="Medellín · El Poblado"))
    other = make_organization(name="Servicios Ibáñez Núñez")
    make_user(
        organization, role="administrator", name="Zoe Ávila", email=EMAIL, is_global_admin=True
    )
    ventas = make_department("Ventas")
    for number, name in enumerate(NAMES):
        user = make_colleague(organization, name, department=ventas)
        if number < 3:
            make_own_account(user, f"u{number}@penalba.test")
    make_colleague(organization, "Otra Persona", department=make_department("Cartera"))
    db.session.commit()
    with acting_in(other.id):
        make_colleague(other, "Fabián Ñústez", department=make_department("Compras"))
        db.session.commit()
    return ventas


def test_the_way_is_as_it_is_described(ventas: Department, page: Page) -> None:
    """S4-02 to S4-09, S4-20: sign in, company and branch, Sistema, Actualizaciones, Usuarios globales, Avanzado, Complementos."""
    page.goto("/")
    page.get_by_label("Correo").fill(EMAIL)
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("¿Dónde va a trabajar?")
    expect(page.get_by_label("Sistema")).to_have_value("admin")
    page.get_by_label("Distribuidora Peñalba").check()
    page.get_by_label("Medellín · El Poblado").check()
    look_at(page, "way-1-place")
    page.get_by_role("button", name="Aceptar").click()

    menu = page.get_by_role("navigation", name="Principal")
    expect(menu).to_contain_text("Medellín · El Poblado")
    _open(menu, "Sistema")
    _open(menu, "Actualizaciones")
    menu.get_by_role("link", name="Usuarios globales").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Usuarios globales")
    expect(page.get_by_role("row", name="Fabián Ñústez")).to_be_visible()
    look_at(page, "way-2-users")
    page.get_by_role("link", name="Avanzado", exact=True).click()

    row = page.get_by_role("row", name="Fabián Ñústez")
    expect(row).to_contain_text("Servicios Ibáñez Núñez")
    look_at(page, "way-3-advanced")
    page.get_by_role("link", name="Complementos", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Complementos")
    expect(menu.locator("[aria-current=page]")).to_have_text("Usuarios globales")
    look_at(page, "way-4-addons")
    page.get_by_role("link", name="Configurar cuentas de correo", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Configurar cuentas de correo")
    expect(page.locator(".breadcrumb")).to_contain_text("Complementos")
    page.get_by_label("Departamento", exact=True).select_option(label="Ventas (4)")
    cells = {
        "Dirección": "dguiza@penalba.test",
        "Contraseña": "secreta de Diana",
        "Servidor saliente": "smtp.penalba.test",
    }
    for label, text in cells.items():
        page.get_by_label(f"{label}: Diana Güiza", exact=True).fill(text)
    page.get_by_role("button", name="Aceptar").click()

    expect(page.locator(".v-note.ok")).to_be_visible()
    db.session.rollback()
    query = select(MailAccount).where(MailAccount.address_norm == "dguiza@penalba.test")
    account = db.session.scalars(query).one()
    assert account.password == "secreta de Diana"


def test_the_list_is_narrowed_and_its_address_can_be_sent_on(
    ventas: Department, page: Page, sign_in: SignIn
) -> None:
    """S4-06: by department, and what is shown stands in the address."""
    _enter(page, sign_in)
    page.goto(f"/admin/user/advanced/?flt_department={ventas.id}")

    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_text("Distribuidora Peñalba · Ventas")).to_be_visible()
    page.get_by_role("button", name="Filtro").click()
    page.get_by_label("Filtrar por").select_option(label="Activo")
    look_at(page, "way-5-narrowed")


def test_help_and_a_tour_are_offered(ventas: Department, page: Page, sign_in: SignIn) -> None:
    """S4-25: a guide in the reader's language, and a guided tour of the page."""
    _enter(page, sign_in)
    page.goto("/addons")
    page.get_by_role("button", name="Recorrido").click()
    tour = page.get_by_role("dialog", name="Recorrido guiado")
    expect(tour).to_contain_text("Dónde está")
    look_at(page, "way-6-tour")
    while tour.is_visible():
        tour.locator("[data-tour-next]").click()

    page.get_by_role("link", name="Cómo configurar las cuentas de correo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Cómo configurar las cuentas de correo"
    )
    look_at(page, "way-7-help")


def test_the_way_in_english(ventas: Department, page: Page, sign_in: SignIn) -> None:
    """S4-05 to S4-09 in the other language."""
    _enter(page, sign_in)
    page.locator("#me [name=lang][value=en]").evaluate("button => button.click()")
    page.wait_for_load_state("networkidle")
    page.goto("/admin/user/advanced/")
    expect(page.get_by_role("row", name="Fabián Ñústez")).to_be_visible()
    look_at(page, "way-3-advanced-en")
    page.get_by_role("link", name="Add-ons", exact=True).click()

    look_at(page, "way-4-addons-en")
    page.get_by_role("link", name="Set up mail accounts", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up mail accounts")


def test_an_add_on_of_others_opens_and_a_broken_one_says_why(
    ventas: Department, settings: Settings, page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """L-23, S4-08: both stand on the page of a product that was started with their packages."""
    install_example(tmp_path)
    install_module(tmp_path, "vacations", "import no_such_module")
    _enter(page, sign_in)
    with on_the_path(tmp_path), web_server(create_app(settings)) as address:
        page.goto(f"{address}/addons")
        expect(page.locator("#foreign")).to_contain_text("No module named 'no_such_module'")
        look_at(page, "way-8-foreign")

        page.get_by_role("link", name="Quién está aquí", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Quién está aquí")
        look_at(page, "way-9-foreign-page")


def _open(menu: Locator, heading: str) -> None:
    """Unfold a part of the menu, unless it is."""
    part = menu.locator("summary", has_text=heading).first
    if part.locator("xpath=..").get_attribute("open") is None:
        part.click()


def _enter(page: Page, sign_in: SignIn) -> None:
    """Through the door, to the first place."""
    sign_in(page, EMAIL)
    page.get_by_label("Distribuidora Peñalba").check()
    page.get_by_role("button", name="Aceptar").click()
    page.wait_for_url(lambda url: "/place" not in url)
