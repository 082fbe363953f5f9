"""Setting up the portal in a browser: the e-mails of a group (S0), the preferences (S2)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.portal.portal_text import PortalText
from models.tenancy import acting_in
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_organization,
    make_user,
)
from tests.journeys.conftest import Product
from tests.journeys.inspection import Complaints, look_at
from tests.journeys.portal_visit import DESK, PHONE

SignIn = Callable[..., None]
EMAIL = "admin@penalba.test"
MENU = ["Inicio", "Finanzas", "Cuentas por cobrar", "Configuración", "Grupo de clientes"]
ENGLISH_SECTIONS = [
    "Internal e-mail addresses",
    "Customer access request",
    "Customer validation confirmation",
    "Notify new primary contact",
    "Notify previous primary contact",
    "Forgotten user name",
    "Reset password",
]
ENGLISH_STATE = re.compile("Complete|Incomplete|Uses the default")
ENGLISH_MENU = ["Home", "Finance", "Receivables", "Setup", "Customer Groups"]
SECTIONS = [
    "Direcciones de correo electrónico internas",
    "Solicitud de acceso de cliente",
    "Confirmación de validación de cliente",
    "Notificar a nuevo contacto principal",
    "Notificar a contacto principal anterior",
    "Nombre de usuario olvidado",
    "Restablecer contraseña",
]
STATE = re.compile("Completo|Incompleto|Usa valor por defecto")


@pytest.fixture
def desk(product: Product, organization: Organization, page: Page, sign_in: SignIn) -> Page:
    """An administrator; «Mayoristas» does not use the portal yet."""
    organization.name = "Distribuidora Peñalba"
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    make_mail_account(address="portal@penalba.test", display_name="Portal Peñalba")
    group = make_group(name="Mayoristas")
    customer = make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)
    make_contact(customer, name="Ramón Güemes", email="ramon@lanapa.test")
    db.session.commit()
    sign_in(page, EMAIL)
    return page


def test_a_group_words_its_emails(desk: Page, complaints: Complaints) -> None:
    """S0-02 to S0-06, S0-08, S0-30, X0-08: by the menu, switched on, written, refused, seen, saved."""
    menu = desk.get_by_role("navigation", name="Principal")
    for word in ("Finanzas", "Cuentas por cobrar", "Configuración"):
        menu.get_by_text(word, exact=True).first.click()
    menu.get_by_role("link", name="Grupo de clientes").click()
    expect(desk.locator(".breadcrumb-item")).to_have_text(MENU)
    _click_row(desk, "Mayoristas")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Mayoristas")
    desk.get_by_role("link", name="Correos electrónicos del portal").click()
    desk.get_by_role("button", name="Activar portal").click()
    heads = desk.locator(".v-acc > details > summary")
    expect(heads.locator(".mid")).to_have_text(SECTIONS)
    expect(heads.locator(".v-state")).to_have_text([STATE] * len(SECTIONS))

    desk.get_by_text("Direcciones de correo electrónico internas").click()
    desk.get_by_label("Enviar mensajes de correo electrónico desde").fill("nadie@penalba.test")
    section = desk.locator("[data-mail-section=access_email]")
    section.get_by_role("textbox", name="Asunto").fill("Bienvenida a {{ company.name }}")
    expect(section.locator("#head-access_email")).to_contain_text("Bienvenida a Distribuidora")
    section.get_by_label("Ver como").select_option(label="Ramón Güemes · Ferretería La Ñapa")
    frame = desk.frame_locator("iframe[name=preview-access_email]")
    expect(frame.get_by_text("Hola, Ramón Güemes")).to_be_visible()
    look_at(desk, "group-emails")

    complaints.expect(422)
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.locator("#error-sender")).to_contain_text("Ninguna cuenta de correo")
    look_at(desk, "group-emails-refused")
    desk.get_by_label("Enviar mensajes de correo electrónico desde").fill("portal@penalba.test")
    desk.get_by_role("button", name="Guardar").last.click()

    expect(desk.get_by_text("Los correos electrónicos del portal se guardaron.")).to_be_visible()
    expect(section.get_by_text("Incompleto")).to_be_visible()  # English has no text yet
    db.session.rollback()
    assert db.session.scalars(select(PortalText.subject)).all() == [
        "Bienvenida a {{ company.name }}"
    ]


def test_the_way_in_english_on_a_phone(desk: Page) -> None:
    """S0-02 to S0-06: the same four entries in the reader's language; the group's page, switched on, has the seven sections with their states."""
    desk.set_viewport_size(PHONE)
    desk.get_by_role("button", name="Su cuenta").click()
    desk.get_by_role("button", name="English").click()
    desk.get_by_role("button", name="Open the menu").click()
    menu = desk.get_by_role("navigation", name="Main")
    for word in ("Finance", "Receivables", "Setup"):
        menu.get_by_text(word, exact=True).first.click()
    menu.get_by_role("link", name="Customer Groups").click()
    expect(desk.locator(".breadcrumb-item")).to_have_text(ENGLISH_MENU)

    _click_row(desk, "Mayoristas")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Mayoristas")
    desk.get_by_role("link", name="Portal e-mails").click()
    expect(desk.locator("main")).to_contain_text("This group does not use the portal")
    desk.get_by_role("button", name="Activate portal").click()
    heads = desk.locator(".v-acc > details > summary")
    expect(heads.locator(".mid")).to_have_text(ENGLISH_SECTIONS)
    expect(heads.locator(".v-state")).to_have_text([ENGLISH_STATE] * len(ENGLISH_SECTIONS))
    heads.first.click()
    expect(desk.locator(".v-acc > details").first.locator("label")).to_have_count(2)


def test_a_new_company_has_a_portal_already(
    organization: Organization, page: Page, sign_in: SignIn
) -> None:
    """S2-05: named after the company, at the address that the preferences show."""
    company = make_organization(name="Ñandú & Cía")
    with acting_in(company.id):
        make_user(company, role="administrator", name="Zoe Ávila", email=EMAIL)
    db.session.commit()
    sign_in(page, EMAIL)
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        page.goto("/preferences/portal/customer-portal")
        expect(page.get_by_text("/portal/nandu-cia/")).to_be_visible()
        page.goto("/portal/nandu-cia/sign-in")
        expect(page.get_by_role("heading", level=1)).to_have_text("Entre a su portal")
        expect(page.locator("body")).to_contain_text("Ñandú & Cía")


def test_the_portal_gets_its_name_and_its_banner(desk: Page, complaints: Complaints) -> None:
    """S2-01 to S2-04, S2-26: by the menu, with the picture beside it; a reserved name saves nothing, a right one everything."""
    menu = desk.get_by_role("navigation", name="Principal")
    for word in ("Configuración", "Preferencias"):
        menu.get_by_text(word, exact=True).last.click()
    menu.get_by_role("link", name="Portal", exact=True).click()
    expect(desk.get_by_role("link", name="Portal del Cliente")).to_have_attribute(
        "aria-current", "page"
    )

    desk.get_by_text("Editar", exact=True).click()
    desk.get_by_label("Nombre en la dirección").fill("Pórtal")
    desk.get_by_role("textbox", name="Mensaje · Español").fill("El lunes no despachamos.")
    mini = desk.locator("[data-portal-mini]")
    expect(mini).to_contain_text("El lunes no despachamos.")
    desk.get_by_label("Permitir a los clientes ver proyectos y hojas de tiempo").check()
    expect(mini.get_by_text("Proyectos")).to_be_visible()
    desk.get_by_label("Descargó un documento: No").check()
    complaints.expect(422)
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.locator("#error-name")).to_be_visible()
    db.session.rollback()
    assert db.session.scalars(select(PortalSettings.show_projects)).one() is False
    desk.get_by_label("Nombre en la dirección").fill("Peñalba")
    look_at(desk, "portal-preferences")
    desk.get_by_role("button", name="Guardar").last.click()

    expect(desk.get_by_text("Las preferencias del portal se guardaron.")).to_be_visible()
    expect(desk.get_by_text("/portal/penalba/")).to_be_visible()
    db.session.rollback()
    settings = db.session.scalars(select(PortalSettings)).one()
    assert (settings.name, settings.show_projects) == ("penalba", True)
    assert settings.banner == {"es": "<p>El lunes no despachamos.</p>"}
    assert settings.notify == {"downloaded": "never"}
    for path in ("emails", "texts", "questions"):
        desk.goto(f"/preferences/portal/{path}")
        look_at(desk, f"portal-{path}")


def _click_row(desk: Page, name: str) -> None:
    """Where the row of this record has nothing of its own to click."""
    row = desk.locator("tbody tr", has_text=name)
    row.locator("td:not(:has(a, button, input))").first.click()
