"""Twelve people of a department, and the table of their accounts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from models.base import db
from models.people.organization import Department, Organization
from services.mailbox.default_domain import keep_default_domain
from tests.factories.accounts import make_colleague, make_department, make_own_account
from tests.factories.people import make_user
from tests.journeys.conftest import Product
from tests.journeys.mail_accounts.table import EMAIL, NAMES, URL

SignIn = Callable[..., None]


@pytest.fixture
def ventas(product: Product, organization: Organization) -> Department:
    """Twelve people in Ventas and the departments below it; ten of them have an account."""
    organization.name = "Distribuidora Peñalba"
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    keep_default_domain(None, "penalba.test")
    ventas = make_department("Ventas")
    places = make_department("Norte", parent=ventas), make_department("Sur", parent=ventas)
    for number, name in enumerate(NAMES):
        user = make_colleague(organization, name, department=places[number // 6])
        if number < 10:
            make_own_account(user, f"u{number}@penalba.test")
    make_colleague(organization, "Otra Persona", department=make_department("Cartera"))
    db.session.commit()
    return ventas


@pytest.fixture
def grid(ventas: Department, page: Page, sign_in: SignIn) -> Page:
    """The page of Ventas."""
    sign_in(page, EMAIL)
    page.goto(f"{URL}?department={ventas.id}")
    return page
