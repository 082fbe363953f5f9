"""Who hears of what, in two browsers: staff of the customer's first look, the customer of staff's answer; and the own domain."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from jobs.portal import tell_staff_of_activity
from models.base import db, utc_now
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document
from services.portal.portal_sessions import open_staff_look
from tests.factories.people import PASSWORD, make_user
from tests.factories.sales import make_document
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints
from tests.journeys.letters import arrived, words_of
from tests.journeys.portal_visit import PHONE, Visit, make_visit
from tests.journeys.product import Product
from tests.journeys.windows import OpenWindow, press

SignIn = Callable[..., None]
ADMIN, STAFF = "admin@penalba.test", "ventas@penalba.test"


@pytest.fixture
def visit(company: Company) -> Visit:
    """Staff are told of what Sofía's company does."""
    company.account.is_shared = True
    make_user(company.organization, role="administrator", name="Zoe Ávila", email=ADMIN)
    return make_visit(company.customers[4], title="Distribuidora Peñalba", notify_emails=[STAFF])


@pytest.fixture
def invoice(visit: Visit) -> Document:
    made = make_document(visit.customer, number="555")
    db.session.commit()
    return made


@pytest.mark.parametrize(("theirs", "ours"), [(1280, 390), (390, 1280)])
def test_staff_hear_of_the_first_look_and_of_what_is_not_muted(
    visit: Visit,
    invoice: Document,
    company: Company,
    product: Product,
    running: str,
    open_window: OpenWindow,
    sign_in: SignIn,
    theirs: int,
    ours: int,
) -> None:
    """S2-08, S2-10, S2-11: not of our own look, not of a program's, once of the customer's; of what is muted never."""
    where = f"{visit.root}/documents/{invoice.public_id}"
    look = open_staff_look(company.clerk.id, visit.customer.id, ip=None, user_agent=None)
    db.session.commit()
    desk, _looks = open_window(ours)
    desk.context.add_cookies([{"name": "portal", "value": look, "url": running}])
    desk.goto(where)
    expect(desk.get_by_role("heading", level=1)).to_have_text("Factura FV-555")
    page, _complaints = open_window(theirs)
    visit.stand_in(page.context, running)
    assert page.context.request.get(running + where).ok  # what a scanner does
    for _look in range(2):
        page.goto(f"{visit.root}/")
        with page.expect_response(lambda answer: answer.url.endswith("/seen")):
            page.goto(where)
    tell_staff_of_activity.enqueue()  # as the clock does
    first = words_of(arrived(product, STAFF, 1)[0])
    assert "FV-555" in first and "por primera vez" in first

    admin, _admins = open_window(ours)
    sign_in(admin, ADMIN)
    admin.goto("/preferences/portal/customer-portal")
    press(admin.get_by_label("Descargó un documento: No"))
    press(admin.get_by_role("button", name="Guardar").last)
    expect(admin.get_by_text("Las preferencias del portal se guardaron.")).to_be_visible()
    with page.expect_download():
        press(page.get_by_role("button", name="Descargar el PDF"))
    page.get_by_label("Escriba un comentario").fill("¿Incluye el flete?")
    press(page.get_by_role("button", name="Comentar"))
    expect(page.locator(".v-says")).to_contain_text("¿Incluye el flete?")
    tell_staff_of_activity.enqueue()
    second = words_of(arrived(product, STAFF, 2)[1])
    assert "Comentó" in second and "Descargó" not in second

    press(admin.get_by_role("switch", name="Envíeme una notificación"))
    with admin.expect_navigation():
        press(admin.get_by_role("button", name="Guardar").last)
    expect(admin.get_by_role("switch", name="Envíeme una notificación")).not_to_be_checked()
    page.get_by_label("Escriba un comentario").fill("¿Y el seguro?")
    press(page.get_by_role("button", name="Comentar"))
    expect(page.locator(".v-says")).to_contain_text("¿Y el seguro?")
    tell_staff_of_activity()
    admin.goto(f"/admin/customer/timeline/?id={visit.customer.id}")
    expect(admin.locator(".v-tl")).to_contain_text("¿Y el seguro?")
    arrived(product, STAFF, 2)


@pytest.mark.parametrize(("theirs", "ours"), [(1280, 390), (390, 1280)])
def test_the_customer_hears_of_what_staff_let_them_read(
    visit: Visit,
    invoice: Document,
    company: Company,
    product: Product,
    running: str,
    open_window: OpenWindow,
    sign_in: SignIn,
    theirs: int,
    ours: int,
) -> None:
    """S2-12: an internal note is never told; what is visible comes with a link that leads to it."""
    staff, _ours = open_window(ours)
    sign_in(staff, company.clerk.email)
    staff.goto(f"/admin/invoice/details/?id={invoice.id}")
    said = staff.locator("#comments")
    said.get_by_label("Escriba un comentario").fill("Ojo: paga siempre tarde")
    press(said.get_by_role("button", name="Comentar"))
    expect(said.locator(".internal")).to_contain_text("paga siempre tarde")
    said.get_by_label("Escriba un comentario").fill("Sí, el flete está incluido.")
    press(said.get_by_label("Visible para el cliente"))
    press(said.get_by_role("button", name="Comentar"))
    expect(said.locator(".v-says")).to_contain_text("Sí, el flete está incluido.")

    letter = words_of(arrived(product, visit.user.email, 1)[0])
    assert "Sí, el flete está incluido." in letter
    assert "paga siempre tarde" not in letter
    link = re.search(r"https?://[^/\s]+(/portal/\S+)", letter)
    assert link
    window, _complaints = open_window(theirs)
    visit.stand_in(window.context, running)
    window.goto(link[1])
    expect(window.locator(".v-says")).to_contain_text("Sí, el flete está incluido.")
    expect(window.locator("body")).not_to_contain_text("paga siempre tarde")


def test_the_portal_stands_at_the_companys_own_domain(
    chromium: Browser, visit: Visit, product: Product, running: str, complaints: Complaints
) -> None:
    """S2-07: with cookies of its own, nothing else of the installation, and mails lead there."""
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.custom_domain, settings.domain_challenge = "clientes.localhost", "v1-x"
    settings.domain_verified_at = settings.domain_checked_at = utc_now()
    db.session.commit()
    port = urlsplit(running).port
    context = chromium.new_context(base_url=f"http://clientes.localhost:{port}", locale="es-CO")
    page = context.new_page()

    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entre a su portal")
    expect(page.locator(".v-brand")).to_contain_text("Peñalba")
    page.goto(f"{visit.root}/sign-in?way=password")
    page.locator("#login").fill(visit.user.login)
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Iniciar sesión", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hola")
    assert {each["domain"] for each in context.cookies()} == {"clientes.localhost"}
    answer = page.goto("/sign-in")
    assert answer is not None and answer.status == 404

    other = chromium.new_context(base_url=f"http://clientes.localhost:{port}").new_page()
    other.set_viewport_size(PHONE)
    other.goto(f"{visit.root}/sign-in")
    other.locator("#email").fill(visit.user.email)
    other.get_by_role("button", name=re.compile("Enviarme un enlace|Send me a link")).click()
    expect(other.locator("main")).to_contain_text(visit.user.email)
    letter = words_of(arrived(product, visit.user.email, 1)[0])
    assert "http://clientes.localhost/portal/" in letter
    other.context.close()
    context.close()
