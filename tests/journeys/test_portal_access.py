"""How customers come into the portal: by asking for access, and by an invitation."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import select, update

from jobs.mailings import deliver_due
from models.base import db, utc_now
from models.mailings.delivery import DeliveryState
from models.people.customer_group import CustomerGroup
from models.portal.access_request import PortalQuestion
from models.portal.portal_text import PortalTextKind
from tests.factories.people import PASSWORD as OF_FACTORY
from tests.factories.portal import make_access_request, portal_name
from tests.factories.portal_texts import make_group_portal, make_text
from tests.factories.saving import saved
from tests.journeys.conftest import Company
from tests.journeys.inspection import glance_at, look_at
from tests.journeys.letters import found
from tests.journeys.portal_visit import make_visit
from tests.journeys.product import Product
from tests.journeys.windows import WIDTHS, OpenWindow, press

SignIn = Callable[..., None]
PASSWORD = "una frase bastante larga"


@pytest.mark.parametrize(("theirs", "ours"), [(1280, 390), (390, 1280)])
def test_a_stranger_asks_for_access_is_validated_and_signs_in(
    product: Product,
    company: Company,
    open_window: OpenWindow,
    sign_in: SignIn,
    theirs: int,
    ours: int,
) -> None:
    """X0-04, X0-05, P-12, S0-07, S0-13 to S0-15, P-08: staff hear of it with a link to it; taken back once, then validated; the confirmation is as worded."""
    customer = company.customers[0]
    customer.tax_id_type, customer.tax_id = "co.nit", "8600348113"
    make_group_portal(access_requests_to="cxc@penalba.test")
    make_text(
        PortalTextKind.VALIDATION_CONFIRMED,
        "<p>Bienvenida, {{ contact.name }}: entre como {{ contact.login }}.</p>",
        group=customer.customer_group,
        subject="Ñ: ya ve las facturas de {{ customer.name }}",
    )
    saved(PortalQuestion(label={"es": "¿Quién es su vendedor?"}, is_required=True))
    name = _open_portal()
    page, _complaints = open_window(theirs)
    look = look_at if theirs == WIDTHS[0] else _not_again
    page.goto(f"/portal/{name}/sign-in")
    look(page, "portal-sign-in")
    press(page.get_by_role("link", name="Solicitar acceso"))
    look(page, "request-access")
    go_on = page.get_by_role("button", name="Continuar")
    press(go_on)
    page.get_by_label("Su nombre").fill("Teresa Ordaz")
    page.get_by_label("Su correo").fill("teresa@penafiel.test")
    findings = glance_at(page)
    press(go_on)
    page.get_by_label("Código").fill(found(product, "teresa@penafiel.test", r"\b(\d{6})\b"))
    findings += glance_at(page)
    press(go_on)
    page.get_by_label("Tipo de identificación").select_option("co.nit")
    page.get_by_label("Número").fill("860.034.811-3")
    page.get_by_label("Razón social").fill("Optica Penafiel")
    look(page, "request-company")
    press(go_on)
    page.get_by_label("¿Quién es su vendedor?").fill("Andrés, el de la zona norte")
    look(page, "request-questions")
    press(go_on)
    press(page.get_by_role("button", name="Enviar la solicitud"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Tenemos su solicitud")
    look(page, "request-sent")

    staff, _ours = open_window(ours)
    sign_in(staff, company.clerk.email)
    told = found(product, "cxc@penalba.test", "(?s)(.*)")
    for words in ("Teresa Ordaz", "teresa@penafiel.test", "Optica Penafiel", "860034811"):
        assert words in told
    link = re.search(r"/access-requests/\S+", told)
    assert link is not None
    staff.goto(link[0])
    expect(staff.get_by_role("heading", level=2, name="Teresa Ordaz")).to_be_visible()
    expect(staff.get_by_text("dígito correcto")).to_be_visible()
    look(staff, "access-requests")
    expect(staff.get_by_role("radio", name=re.compile("Peñafiel"))).to_be_checked()
    press(staff.get_by_role("button", name="Validar acceso"))
    expect(staff.get_by_text("ya puede entrar")).to_be_visible()
    press(staff.get_by_role("button", name="Deshacer"))
    expect(staff.get_by_text("espera su decisión otra vez")).to_be_visible()
    press(staff.get_by_role("button", name="Validar acceso"))
    expect(staff.get_by_text("ya puede entrar")).to_be_visible()

    _let_the_moment_pass()
    confirmed = found(product, "teresa@penafiel.test", "(?s)(.*Bienvenida, .*)")
    assert confirmed.startswith(f"Ñ: ya ve las facturas de {customer.name}\n")
    assert "Bienvenida, Teresa Ordaz: entre como teresa@penafiel.test." in confirmed
    page.goto(f"/portal/{name}/sign-in")
    page.get_by_label("Su correo").fill("teresa@penafiel.test")
    press(page.get_by_role("button", name="Enviarme un enlace"))
    look(page, "portal-link-sent")
    page.goto(found(product, "teresa@penafiel.test", r"(/portal/\S+/sign-in/link/[\w-]+)"))
    expect(page.get_by_role("button", name="Iniciar sesión")).to_be_visible()
    findings += glance_at(page)
    press(page.get_by_role("button", name="Iniciar sesión"))
    expect(page.locator("main")).to_contain_text(customer.name)
    assert not findings, "\n".join(findings)


def _not_again(page: Page, name: str) -> None:
    """It was looked at in both widths and colours already."""


def _let_the_moment_pass() -> None:
    """In which it can be taken back: what was written leaves, as the clock has it leave then."""
    db.session.rollback()
    db.session.execute(update(DeliveryState).values(not_before=utc_now()))
    db.session.commit()
    deliver_due.enqueue()


def test_staff_ask_for_something_and_read_the_answer(
    product: Product, company: Company, page: Page, sign_in: SignIn, context: BrowserContext
) -> None:
    """P-12, mockup 15: asked by mail, answered in another browser after a code, counted in the menu."""
    name = _open_portal()
    request = make_access_request(name="Teresa Ordaz", email="teresa@penafiel.test")
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto("/access-requests/")
    expect(_in_menu(page)).to_contain_text("1")
    page.get_by_text("Pedir un dato").click()
    page.get_by_label("Qué debe decirle Teresa Ordaz").fill("¿Quién es su vendedor?")
    look_at(page, "access-request-asked")
    page.get_by_role("button", name="Enviar la pregunta").click()
    expect(page.get_by_text("La pregunta va en camino a teresa@penafiel.test")).to_be_visible()
    expect(page.locator(".v-picklist")).to_contain_text("Espera su respuesta")
    expect(_in_menu(page)).not_to_contain_text("1")

    theirs = context.browser.new_context(base_url=product.base_url, locale="es-CO").new_page()  # type: ignore[union-attr]
    theirs.goto(found(product, "teresa@penafiel.test", rf"(/portal/{name}/\S*answer\S*)"))
    look_at(theirs, "request-whose")
    theirs.get_by_label("Su correo").fill("teresa@penafiel.test")
    theirs.get_by_role("button", name="Enviarme un código").click()
    theirs.get_by_label("Código").fill(found(product, "teresa@penafiel.test", r"\b(\d{6})\b"))
    theirs.get_by_role("button", name="Continuar").click()
    theirs.get_by_role("link", name="Responder").click()
    look_at(theirs, "request-answer")
    theirs.get_by_label("Su respuesta").fill("Andrés, el de la zona norte")
    theirs.get_by_role("button", name="Enviar la respuesta").click()
    expect(theirs.get_by_text("Recibimos su respuesta.")).to_be_visible()

    page.goto(f"/access-requests/{request.public_id}")
    expect(page.get_by_text("Andrés, el de la zona norte")).to_be_visible()
    expect(_in_menu(page)).to_contain_text("1")


def _in_menu(page: Page) -> Locator:
    menu = page.get_by_role("navigation", name="Principal")
    return menu.get_by_role("link", name="Solicitudes de acceso")


@pytest.mark.parametrize(("theirs", "ours"), [(1280, 390), (390, 1280)])
def test_staff_invite_a_contact_who_accepts(
    product: Product,
    company: Company,
    open_window: OpenWindow,
    sign_in: SignIn,
    theirs: int,
    ours: int,
) -> None:
    """S0-10, S0-11, X0-06, P-21: the invitation has the subject and the content that were worded."""
    customer = company.customers[0]
    make_text(
        PortalTextKind.ACCESS_EMAIL,
        '<p>Pase, {{ contact.name }}:</p><p><a href="{{ access_url }}">por aquí</a></p>',
        group=customer.customer_group,
        subject="Acceso al portal de {{ company.name }}, 5 €",
    )
    _open_portal()
    look = look_at if theirs == WIDTHS[0] else _not_again
    staff, _ours = open_window(ours)
    sign_in(staff, company.clerk.email)
    staff.goto(f"/admin/customer/portal/?id={customer.id}")
    press(staff.get_by_role("button", name="Invitar al portal").first)
    expect(staff.get_by_text("La invitación va en camino")).to_be_visible()
    expect(staff.locator("tbody")).to_contain_text("Invitado")
    look(staff, "customer-portal")

    invitation = found(product, "pagos@cliente1.test", r"(?s)(.*/invitation/.*)")
    assert invitation.startswith("Acceso al portal de Distribuidora Peñalba, 5 €\nPase, Pagos 1:")
    page, _theirs = open_window(theirs)
    page.goto(found(product, "pagos@cliente1.test", r"(/portal/\S+/invitation/[\w-]+)"))
    look(page, "invitation")
    page.locator("[name=login]").fill("pagos")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    press(page.get_by_role("button", name="Entrar"))
    expect(page.locator("main")).to_contain_text(customer.name)
    page.goto(page.url.rstrip("/") + "/security")
    look(page, "portal-security")
    press(page.get_by_role("button", name="Cerrar la sesión en todos los equipos"))
    press(page.get_by_text("Entrar con contraseña"))
    page.locator("[name=login]").fill("pagos")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    press(page.get_by_role("button", name="Iniciar sesión"))
    expect(page.locator("main")).to_contain_text(customer.name)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_address_is_changed_by_who_has_it(
    product: Product, company: Company, open_window: OpenWindow, sign_in: SignIn, width: int
) -> None:
    """S2-14, X0-07: with the password and the link that the new address gets; staff see it at the contact."""
    _open_portal()
    visit = make_visit(company.customers[0])
    page, _complaints = open_window(width)
    visit.stand_in(page.context, product.base_url)
    page.goto(f"{visit.root}/security")
    part = page.locator("section", has=page.locator("#address-title"))
    press(part.locator("summary"))
    part.locator("[name=address]").fill("nueva@penafiel.test")
    part.locator("[name=current]").fill(OF_FACTORY)
    press(part.locator("[type=submit]"))
    expect(page.locator(".v-toast")).to_contain_text("nueva@penafiel.test")

    page.goto(found(product, "nueva@penafiel.test", r"(/portal/\S+/security/address/[\w-]+)"))
    expect(page.locator("main")).to_contain_text("nueva@penafiel.test")
    findings = glance_at(page)
    press(page.locator("main [type=submit]"))
    expect(page.locator(".v-toast")).to_be_visible()
    assert not findings, "\n".join(findings)

    sign_in(page, company.clerk.email)
    page.goto(f"/admin/customer/portal/?id={visit.customer.id}")
    expect(page.locator("tbody")).to_contain_text("nueva@penafiel.test")


def _open_portal() -> str:
    for group in db.session.scalars(select(CustomerGroup)):
        group.uses_portal = True
    name = portal_name()
    db.session.commit()
    return name
