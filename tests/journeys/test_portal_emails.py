"""The e-mails of a customer group, each section by its row in a browser: S0-06 to S0-30, X0-08."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_text import PortalText, PortalTextKind
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_user,
)
from tests.journeys.conftest import Product
from tests.journeys.inspection import Complaints
from tests.journeys.letters import arrived
from tests.journeys.portal_visit import PHONE
from tests.servers.smtp_server import RecordingSmtpServer

SignIn = Callable[..., None]
EMAIL = "admin@penalba.test"
K = PortalTextKind
# Row by row: kind, title, box, subject, content.
SECTIONS = [
    (
        K.ACCESS_EMAIL,
        "Solicitud de acceso de cliente",
        "Enviar correo electrónico a los clientes que no hayan iniciado el acceso al portal",
        "Asunto del correo electrónico de solicitud de acceso",
        "Contenido del correo electrónico de solicitud de acceso",
    ),
    (
        K.VALIDATION_CONFIRMED,
        "Confirmación de validación de cliente",
        None,
        "Asunto de correo electrónico de nueva validación final",
        "Contenido del correo electrónico de nueva validación",
    ),
    (
        K.NEW_PRIMARY,
        "Notificar a nuevo contacto principal",
        "Enviar correo electrónico",
        "Asunto del correo electrónico",
        "Contenido del correo electrónico",
    ),
    (
        K.PREVIOUS_PRIMARY,
        "Notificar a contacto principal anterior",
        "Enviar correo electrónico",
        "Asunto del correo electrónico",
        "Contenido del correo electrónico",
    ),
    (
        K.FORGOTTEN_USER_NAME,
        "Nombre de usuario olvidado",
        None,
        "Asunto de correo electrónico de olvido de nombre de usuario",
        "Contenido del correo electrónico de olvido de nombre de usuario",
    ),
    (
        K.PASSWORD_RESET,
        "Restablecer contraseña",
        None,
        "Asunto de correo electrónico de restablecimiento de contraseña",
        "Contenido del correo electrónico de restablecimiento de contraseña",
    ),
]


@pytest.fixture
def desk(product: Product, organization: Organization, page: Page, sign_in: SignIn) -> Page:
    """An administrator before the e-mails of «Mayoristas»."""
    organization.name = "Distribuidora Peñalba"
    make_user(organization, role="administrator", name="Zoe Ávila", email=EMAIL)
    make_mail_account(
        address="portal@penalba.test",
        display_name="Portal Peñalba",
        smtp_port=product.mail.port,
    )
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)
    make_contact(customer, name="Ramón Güemes", email="ramon@lanapa.test")
    db.session.commit()
    sign_in(page, EMAIL)
    page.goto(f"/customer-groups/{group.id}/portal-emails")
    return page


@pytest.mark.parametrize(
    ("kind", "title", "box", "subject", "content"),
    SECTIONS,
    ids=[each[0].value for each in SECTIONS],
)
def test_each_section_has_its_fields_its_preview_and_its_test(
    product: Product, desk: Page, kind: K, title: str, box: str | None, subject: str, content: str
) -> None:
    """S0-09 to S0-29, X0-08: title, box, subject and content are named as the rows say; shown for a contact; the test arrives."""
    section = _opened(desk, kind, title)
    boxes = section.get_by_role("checkbox")
    expect(boxes).to_have_count(1 if box else 0)
    if box:
        expect(section.locator(".form-check-label").first).to_contain_text(box)
        boxes.check()
    expect(section.get_by_text(subject, exact=True)).to_be_visible()
    expect(section.get_by_text(content, exact=True)).to_be_visible()

    section.get_by_role("textbox", name=subject).fill("Ñandú y 5 € de {{ company.name }}")
    section.get_by_label("Ver como").select_option(label="Ramón Güemes · Ferretería La Ñapa")
    head = section.locator(f"#head-{kind}")
    expect(head).to_contain_text("Ñandú y 5 € de Distribuidora Peñalba")
    expect(head).to_contain_text("Ramón Güemes <ramon@lanapa.test>")
    section.get_by_label("Correo para la prueba").fill("qa@penalba.test")
    section.get_by_role("button", name="Enviar prueba").click()

    expect(desk.get_by_text("va en camino a qa@penalba.test")).to_be_visible()
    [message] = arrived(product, "qa@penalba.test", 1)
    assert message["Subject"] == "[PRUEBA] Ñandú y 5 € de Distribuidora Peñalba"
    assert message["From"] == "Portal Peñalba <portal@penalba.test>"
    assert message.get_body(("plain",)) is not None

    desk.set_viewport_size(PHONE)
    expect(boxes).to_have_count(1 if box else 0)
    section.get_by_role("textbox", name=subject).fill("En el teléfono: {{ company.name }}")
    expect(head).to_contain_text("En el teléfono: Distribuidora Peñalba")


def test_internal_addresses_are_two_and_are_checked(desk: Page, complaints: Complaints) -> None:
    """S0-06, S0-08, S0-30: exactly two fields; a wrong address stands at its field, and nothing is saved."""
    desk.get_by_text("Direcciones de correo electrónico internas").click()
    first = desk.locator(".v-acc > details").first
    expect(first.locator("label")).to_have_text(
        [
            "Enviar mensajes de correo electrónico de solicitud de acceso a",
            "Enviar mensajes de correo electrónico desde",
        ]
    )
    first.get_by_label("solicitud de acceso a").fill("cxc@penalba.test")
    first.get_by_label("desde").fill("nadie@penalba.test")
    complaints.expect(422)
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.locator("#error-sender")).to_contain_text("Ninguna cuenta de correo")
    expect(first.locator(".v-state")).to_have_text("Incompleto")
    desk.set_viewport_size(PHONE)
    first.get_by_label("desde").fill("portal@penalba.test")
    desk.get_by_role("button", name="Guardar").last.click()

    expect(desk.get_by_text("Los correos electrónicos del portal se guardaron.")).to_be_visible()
    expect(first.locator(".v-state")).to_have_text("Completo")


@pytest.mark.parametrize("width", [1280, 390])
def test_words_that_cannot_be_sent_are_refused_at_their_field(
    desk: Page, complaints: Complaints, width: int
) -> None:
    """S0-12, S0-29, S0-30: with what may stand there, while it is typed and when it is saved; nothing is kept of it."""
    desk.set_viewport_size({"width": width, "height": 844})
    access = _opened(desk, K.ACCESS_EMAIL, "Solicitud de acceso de cliente")
    access.get_by_label("Ver como").select_option(label="Ramón Güemes · Ferretería La Ñapa")
    body = access.get_by_role("textbox", name="Contenido")
    body.fill("Pase, {{ contact.nombre }}: {{ access_url }}")
    expect(access.locator(f"#said-{K.ACCESS_EMAIL}")).to_contain_text("«contact.nombre»")
    reset = _opened(desk, K.PASSWORD_RESET, "Restablecer contraseña")
    reset_body = reset.get_by_role("textbox", name="Contenido")
    reset_body.fill("Cambie su contraseña, {{ contact.name }}.")
    said = reset.locator(f"#said-{K.PASSWORD_RESET}")
    expect(said).to_contain_text("reset_url")

    complaints.expect(422)
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.locator(f"#error-body-{K.ACCESS_EMAIL}")).to_contain_text("Se permiten")
    expect(desk.locator(f"#error-body-{K.ACCESS_EMAIL}")).to_contain_text("contact.name")
    expect(desk.locator(f"#error-body-{K.PASSWORD_RESET}")).to_contain_text("reset_url")
    db.session.rollback()
    assert db.session.scalars(select(PortalText)).all() == []

    expect(body).to_contain_text("contact.nombre")  # nothing of what was written is lost
    body.fill("Pase, {{ contact.name }}: {{ access_url }}")
    access.locator("iframe").scroll_into_view_if_needed()
    frame = desk.frame_locator(f"iframe[name=preview-{K.ACCESS_EMAIL}]")
    expect(frame.get_by_text("Pase, Ramón Güemes:")).to_be_visible()
    reset_body.fill("Cambie su contraseña: {{ reset_url }}")
    expect(said).to_have_class("v-said")
    desk.get_by_role("button", name="Guardar").last.click()
    expect(desk.get_by_text("Los correos electrónicos del portal se guardaron.")).to_be_visible()


def test_each_group_has_its_words_and_its_account(product: Product, desk: Page) -> None:
    """S0-01, S0-08: what one group says, on a desk and on a phone, is stored for it alone; its notices leave by the account that owns their address."""
    shops = make_group(name="Minoristas", uses_portal=True)
    shop = make_customer(name="Tienda Ñuñoa", customer_group_id=shops.id)
    make_contact(shop, name="Íñigo Sáez", email="inigo@nunoa.test")
    wholesaler = db.session.scalars(select(Customer).where(Customer.id != shop.id)).one()
    with RecordingSmtpServer() as other:
        make_mail_account(address="mayor@penalba.test", smtp_port=other.port)
        db.session.commit()
        desk.get_by_text("Direcciones de correo electrónico internas").click()
        desk.locator("#sender").fill("mayor@penalba.test")
        section = _opened(desk, K.ACCESS_EMAIL, "Solicitud de acceso de cliente")
        section.get_by_role("textbox", name="Asunto").fill("Mayoristas: {{ customer.name }}")
        expect(section.locator(f"#head-{K.ACCESS_EMAIL}")).to_contain_text("Mayoristas: ")
        desk.get_by_role("button", name="Guardar").last.click()
        expect(
            desk.get_by_text("Los correos electrónicos del portal se guardaron.")
        ).to_be_visible()
        desk.set_viewport_size(PHONE)
        desk.goto(f"/customer-groups/{shops.id}/portal-emails")
        expect(desk.locator("#sender")).to_have_value("")
        section = _opened(desk, K.ACCESS_EMAIL, "Solicitud de acceso de cliente")
        expect(section.get_by_role("textbox", name="Asunto")).not_to_contain_text("Mayoristas")
        section.get_by_role("textbox", name="Asunto").fill("Tiendas")
        desk.get_by_role("button", name="Guardar").last.click()
        expect(
            desk.get_by_text("Los correos electrónicos del portal se guardaron.")
        ).to_be_visible()
        section = _opened(desk, K.ACCESS_EMAIL, "Solicitud de acceso de cliente")
        expect(section.get_by_role("textbox", name="Asunto")).to_have_text("Tiendas")

        for customer in (wholesaler, shop):
            desk.goto(f"/admin/customer/portal/?id={customer.id}")
            desk.get_by_role("button", name="Invitar al portal").first.click()
            expect(desk.get_by_text("La invitación va en camino")).to_be_visible()
        [theirs] = arrived(product, "inigo@nunoa.test", 1)
        [wholesale] = arrived(Product(product.base_url, other), "ramon@lanapa.test", 1)

    assert (wholesale["Subject"], theirs["Subject"]) == (
        "Mayoristas: Ferretería La Ñapa",
        "Tiendas",
    )
    assert "<mayor@penalba.test>" in wholesale["From"]
    assert theirs["From"] == "Portal Peñalba <portal@penalba.test>"
    assert [each.sender for each in other.accepted] == ["mayor@penalba.test"]
    assert [each.sender for each in product.mail.accepted] == ["portal@penalba.test"]


def _opened(desk: Page, kind: K, title: str) -> Locator:
    """The section, opened if it is not."""
    section = desk.locator(f"[data-mail-section={kind}]")
    expect(section.locator("summary").first).to_contain_text(title)
    if section.get_attribute("open") is None:
        section.locator("summary").first.click()
    expect(section).to_have_attribute("open", "")
    return section
