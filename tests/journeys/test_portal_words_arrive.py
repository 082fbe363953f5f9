"""The words of a group on their whole way, on a desk and on a telephone: staff write them, the customer reads and follows them."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import Delivery
from models.people.customer_group import CustomerGroup
from tests.factories.people import make_contact, make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.letters import found
from tests.journeys.portal_visit import Visit, make_visit
from tests.journeys.product import Product
from tests.journeys.windows import WIDTHS, OpenWindow, press

SignIn = Callable[..., None]
ADMIN = "admin@penalba.test"
PASSWORD = "una frase bastante larga"
SAVED = "Los correos electrónicos del portal se guardaron."


@pytest.fixture
def group(company: Company) -> CustomerGroup:
    """«Mayoristas» uses the portal."""
    wholesalers: CustomerGroup = db.session.scalars(select(CustomerGroup)).one()
    wholesalers.uses_portal = True
    make_user(company.organization, role="administrator", name="Zoe Ávila", email=ADMIN)
    db.session.commit()
    return wholesalers


@pytest.fixture
def visit(company: Company, group: CustomerGroup) -> Visit:
    return make_visit(company.customers[0], title="Distribuidora Peñalba")


@pytest.mark.parametrize("width", WIDTHS)
def test_who_forgot_name_and_password_comes_in_again(
    product: Product,
    group: CustomerGroup,
    visit: Visit,
    open_window: OpenWindow,
    sign_in: SignIn,
    width: int,
) -> None:
    """S0-24 to S0-29: both sections worded and saved together; the customer gets those words, and comes in by them."""
    visit.user.login = visit.user.login_norm = "pagos.opt"
    db.session.commit()
    staff, _theirs = open_window(width)
    sign_in(staff, ADMIN)
    staff.goto(f"/customer-groups/{group.id}/portal-emails")
    for kind, title, subject, content in (
        (
            "forgotten_user_name",
            "Nombre de usuario olvidado",
            "Ñ: así se llama usted en {{ company.name }}",
            "Usted es {{ user_names }}.",
        ),
        (
            "password_reset",
            "Restablecer contraseña",
            "Ñ: otra contraseña para {{ contact.login }}",
            "Vale {{ minutes }} minutos: {{ reset_url }}",
        ),
    ):
        section = _opened(staff, kind, title)
        section.get_by_role("textbox", name="Asunto").fill(subject)
        section.get_by_role("textbox", name="Contenido").fill(content)
    _save(staff)

    page, _complaints = open_window(width)
    page.goto(f"{visit.root}/sign-in")
    for address in ("nadie@otra.test", visit.user.email):
        press(page.get_by_text("Olvidé mi usuario"))
        opened = page.locator("details[open]")
        opened.get_by_role("textbox").fill(address)
        press(opened.get_by_role("button", name="Enviarme mis usuarios"))
        expect(page.get_by_role("heading", level=1)).to_have_text("Revise su correo")
        expect(page.locator("main")).to_contain_text(f"Si {address} está registrado aquí")
        page.goto(f"{visit.root}/sign-in")
    name = found(product, visit.user.email, r"usted en Distribuidora Peñalba\nUsted es (\S+)\.")
    assert name == "pagos.opt"

    press(page.get_by_text("Restablecer contraseña"))
    opened.get_by_role("textbox").fill(name)
    press(opened.get_by_role("button", name="Enviarme el enlace"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Revise su correo")
    link = found(
        product,
        visit.user.email,
        r"para pagos\.opt\nVale 60 minutos: \S+?(/portal/\S+/password/[\w-]+)",
    )
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_contain_text("nueva")
    if width == WIDTHS[0]:
        look_at(page, "portal-new-password")
    page.locator("#password").fill(PASSWORD)
    press(page.locator("main [type=submit]"))
    expect(page.get_by_role("button", name="Iniciar sesión", exact=True)).to_be_visible()
    page.locator("#login").fill(name)
    page.locator("#password").fill(PASSWORD)
    press(page.get_by_role("button", name="Iniciar sesión", exact=True))
    expect(page.locator("main")).to_contain_text(visit.customer.name)
    assert [each for each in product.mail.accepted if each.recipients == ["nadie@otra.test"]] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_both_hear_that_another_contact_is_the_primary_one(
    product: Product,
    group: CustomerGroup,
    visit: Visit,
    open_window: OpenWindow,
    sign_in: SignIn,
    width: int,
) -> None:
    """S0-02, S0-16 to S0-23: off, nobody is told; on, each gets one e-mail, worded as their section says, and it leads to the portal; nobody of a group without portal."""
    make_contact(visit.customer, name="Ñusta Peña", email="nusta@lanapa.test", is_primary=False)
    db.session.commit()
    staff, _theirs = open_window(width)
    sign_in(staff, ADMIN)
    _make_primary(staff, visit, "Ñusta Peña")
    assert _told() == []

    staff.goto(f"/customer-groups/{group.id}/portal-emails")
    for kind, title, subject, content in (
        (
            "new_primary",
            "Notificar a nuevo contacto principal",
            "Ñ: ahora le escribimos a usted por {{ company }}",
            "Antes era {{ previous_primary }}; lo cambió {{ changed_by }}. Véalo en {{ portal_url }}",
        ),
        (
            "previous_primary",
            "Notificar a contacto principal anterior",
            "Ya no le escribimos por {{ company }}",
            "Desde ahora es {{ new_primary }}; lo cambió {{ changed_by }}.",
        ),
    ):
        section = _opened(staff, kind, title)
        press(section.get_by_role("checkbox"))
        expect(section.get_by_role("checkbox")).to_be_checked()
        section.get_by_role("textbox", name="Asunto del correo").fill(subject)
        section.get_by_role("textbox", name="Contenido del correo").fill(content)
    _save(staff)
    _make_primary(staff, visit, "Pagos 1")

    told = found(product, visit.user.email, r"(?s)(.*Véalo en .*)")
    assert told.startswith(f"Ñ: ahora le escribimos a usted por {visit.customer.name}\n")
    assert "Antes era Ñusta Peña; lo cambió Zoe Ávila." in " ".join(told.split())
    former = found(product, "nusta@lanapa.test", r"(?s)(.*)")
    assert former.startswith(f"Ya no le escribimos por {visit.customer.name}\n")
    assert "Desde ahora es Pagos 1; lo cambió Zoe Ávila." in " ".join(former.split())
    assert _told() == [visit.user.email, "nusta@lanapa.test"]

    link = re.search(r"https?://\S+", told)
    assert link is not None
    page, _complaints = open_window(width)
    page.goto(urlsplit(link[0]).path)
    page.locator("#email").fill(visit.user.email)
    press(page.get_by_role("button", name="Enviarme un enlace"))
    page.goto(found(product, visit.user.email, r"(/portal/\S+/sign-in/link/[\w-]+)"))
    press(page.get_by_role("button", name="Iniciar sesión"))
    expect(page.locator("main")).to_contain_text(visit.customer.name)

    staff.goto(f"/admin/customer_group/edit/?id={group.id}")
    press(staff.get_by_label("Usa el portal"))
    expect(staff.get_by_label("Usa el portal")).not_to_be_checked()
    press(staff.get_by_role("button", name="Guardar").first)
    staff.wait_for_url("**/details/**")
    staff.goto(f"/customer-groups/{group.id}/portal-emails")
    expect(staff.get_by_role("button", name="Activar portal")).to_be_visible()
    told_so_far = _told()
    _make_primary(staff, visit, "Ñusta Peña")
    assert _told() == told_so_far


def _make_primary(staff: Page, visit: Visit, name: str) -> None:
    """At the customer, in its form."""
    staff.goto(f"/admin/customer/edit/?id={visit.customer.id}")
    lines = staff.locator("[data-lines=contacts] tbody tr")
    names = [line.get_by_label("Nombre").input_value() for line in lines.all()]
    press(lines.nth(names.index(name)).get_by_role("radio"))
    press(staff.get_by_role("button", name="Guardar").first)
    staff.wait_for_url("**/details/**")
    expect(staff.locator("table tbody tr", has_text=name)).to_contain_text("Sí")


def _told() -> list[str]:
    """To whom the ledger has an e-mail, in its order."""
    db.session.rollback()
    return list(db.session.scalars(select(Delivery.recipient).order_by(Delivery.id)))


def _opened(staff: Page, kind: str, title: str) -> Locator:
    """The section, opened if it is not."""
    section = staff.locator(f"[data-mail-section={kind}]")
    expect(section.locator("summary").first).to_contain_text(title)
    if section.get_attribute("open") is None:
        press(section.locator("summary").first)
    expect(section).to_have_attribute("open", "")
    return section


def _save(staff: Page) -> None:
    press(staff.get_by_role("button", name="Guardar").last)
    expect(staff.get_by_text(SAVED)).to_be_visible()
