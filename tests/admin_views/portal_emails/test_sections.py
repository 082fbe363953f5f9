"""The page of the portal's e-mails: its sections, its preview and test, and who may see it (S0-02 to S0-30, X0-01, X0-08)."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.portal_text import PortalTextKind
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.admin_views.portal_emails.pages import form_of, url_of
from tests.factories.people import make_group, make_organization
from tests.factories.portal_texts import make_group_portal, make_text, message_of

K = PortalTextKind
SECTIONS = [
    "Direcciones de correo electrónico internas",
    "Solicitud de acceso de cliente",
    "Confirmación de validación de cliente",
    "Notificar a nuevo contacto principal",
    "Notificar a contacto principal anterior",
    "Nombre de usuario olvidado",
    "Restablecer contraseña",
]


def test_S0_03_the_way_through_the_menu(admin: FlaskClient, group: CustomerGroup) -> None:
    page = admin.get("/admin/customer_group/").text
    trail = re.search(r'<ol class="breadcrumb">(.*?)</ol>', page, re.DOTALL)
    assert trail
    words = [word for word in re.sub(r"<[^>]+>", "\n", trail[1]).split("\n") if word.strip()]
    assert words[-4:] == ["Finanzas", "Cuentas por cobrar", "Configuración", "Grupo de clientes"]

    # S0-04: the group's page has the tab.
    page = admin.get(f"/admin/customer_group/details/?id={group.id}").text
    assert "Correos electrónicos del portal" in page
    assert f'href="{url_of(group)}"' in page


def test_S0_05_exactly_seven_sections_with_their_state(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    make_text(K.VALIDATION_CONFIRMED, "<p>Hola</p>", group=group, lang="es")
    make_text(K.VALIDATION_CONFIRMED, "<p>Hello</p>", group=group, lang="en")
    make_text(K.VALIDATION_CONFIRMED, "<p>Olá</p>", group=group, lang="pt")
    make_text(K.NEW_PRIMARY, "<p>Hola</p>", group=group, lang="es")
    db.session.commit()

    page = admin.get(url_of(group)).text

    titles = re.findall(r'<span class="v-acc-t"><span class="mid">([^<]+)<', page)
    assert titles == SECTIONS
    states = re.findall(r'<span class="v-state[^>]*>.*?</svg>([^<]+)</span>', page)
    assert [state.strip() for state in states] == [
        "Usa valor por defecto",
        "Usa valor por defecto",
        "Completo",
        "Incompleto",  # only in Spanish
        "Usa valor por defecto",
        "Usa valor por defecto",
        "Usa valor por defecto",
    ]
    names = set(re.findall(r'name="((?:subject|body)-\w+)"', page))
    assert len(names) == 12


def test_S0_02_a_group_without_the_portal_is_blocked(
    admin: FlaskClient, group: CustomerGroup, sign_in: SignIn
) -> None:
    group.uses_portal = False
    db.session.commit()

    page = admin.get(url_of(group)).text
    assert "Este grupo no usa el portal" in page and "Activar portal" in page
    assert "<textarea" not in page
    assert admin.post(url_of(group), data={"do": "save"}).status_code == 409

    answer = admin.post(f"/customer-groups/{group.id}/activate-portal")
    assert answer.status_code == 302
    assert len(re.findall('class="v-num"', admin.get(url_of(group)).text)) == 7


def test_X0_01_the_setup_of_a_group_begins_when_it_uses_the_portal(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    pages = [
        f"/customer-groups/{group.id}/{name}"
        for name in ("portal-emails", "portal-texts", "questions")
    ]
    group.uses_portal = False
    db.session.commit()
    off = [admin.get(page).text for page in pages]
    admin.post(f"/customer-groups/{group.id}/activate-portal")
    on = [admin.get(page).text for page in pages]

    blocked = "Este grupo no usa el portal"
    assert [blocked in page for page in off] == [True, True, True]
    assert [blocked in page for page in on] == [False, False, False]


def test_X0_08_the_preview_is_what_is_typed_for_the_chosen_contact(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    page = admin.get(url_of(group)).text
    chosen = re.search(r'<option value="(\d+)">Ramón Güemes', page)
    assert chosen
    form = form_of(page) | {
        "body-new_primary": "<p>Hola, {{ new_primary }}<script>alert(1)</script></p>",
        "as-new_primary": chosen[1],
    }

    answer = admin.post(url_of(group, "/preview/new_primary"), data=form)

    assert "Hola, Ramón Güemes" in answer.text and "alert(1)" not in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    head = admin.post(url_of(group, "/check/new_primary"), data=form).text
    assert "Ramón Güemes &lt;ramon@lanapa.test&gt;" in head
    wrong = form | {"body-new_primary": "<p>{{ new_primari }}</p>"}
    assert "«new_primary»" in admin.post(url_of(group, "/check/new_primary"), data=wrong).text


def test_X0_08_a_test_goes_to_the_typed_address(admin: FlaskClient, group: CustomerGroup) -> None:
    form = form_of(admin.get(url_of(group)).text)
    form |= {"address-password_reset": "yo@acme.test", "subject-password_reset": "Mi asunto"}

    page = admin.post(url_of(group), data=form | {"do": "test-password_reset"}).text

    assert "yo@acme.test" in page and "aún no están guardados" in page
    [delivery] = db.session.scalars(select(Delivery)).all()
    assert (delivery.kind, delivery.recipient) == (DeliveryKind.TEST, "yo@acme.test")
    assert message_of(delivery)["Subject"].endswith("Mi asunto")
    wrong = form | {"address-password_reset": "nobody", "do": "test-password_reset"}
    answer = admin.post(url_of(group), data=wrong)
    assert answer.status_code == 422 and 'id="error-address-password_reset"' in answer.text


def test_the_company_has_the_same_page(admin: FlaskClient, group: CustomerGroup) -> None:
    form = form_of(admin.get("/preferences/portal/emails").text)
    form |= {"subject-new_primary": "De la empresa"}
    assert admin.post("/preferences/portal/emails", data=form | {"do": "save"}).status_code == 302

    assert "De la empresa" in admin.get(url_of(group)).text


@pytest.mark.parametrize("reader", ["es", "en"])
@pytest.mark.parametrize("page", ["portal-emails", "portal-texts"])
def test_words_open_in_the_companys_language_whoever_reads(
    admin: FlaskClient, group: CustomerGroup, organization: Organization, page: str, reader: str
) -> None:
    organization.default_lang = "en"
    db.session.commit()

    url = f"/customer-groups/{group.id}/{page}"
    opened = admin.get(url, headers={"Accept-Language": reader}).text
    other = admin.get(f"{url}?lang=es").text

    here = re.compile(r'lang=(\w\w)"[^>]*aria-current="true"')
    assert here.findall(opened) == ["en"]
    assert here.findall(other) == ["es"]


def test_another_organizations_group_is_unknown(admin: FlaskClient, group: CustomerGroup) -> None:
    other = make_organization()
    with acting_in(other.id):
        theirs = make_group(uses_portal=True).id
    db.session.commit()

    for more in ("portal-emails", "portal-texts", "questions"):
        assert admin.get(f"/customer-groups/{theirs}/{more}").status_code == 404


def test_readers_look_and_change_nothing(group: CustomerGroup, sign_in: SignIn) -> None:
    reader = sign_in(role="reader")

    assert reader.get(url_of(group)).status_code == 200
    assert reader.post(url_of(group), data={"do": "save"}).status_code == 403


def test_nobody_is_left_waiting_for_mail_that_cannot_leave(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    """S0-08, pains A-4: without an account that can send the page says so; a chosen one that stopped is incomplete."""
    make_group_portal(group, sender_account_id=db.session.scalars(select(MailAccount.id)).one())
    db.session.commit()
    assert "Ninguna cuenta de correo puede enviar" not in admin.get(url_of(group)).text

    db.session.scalars(select(MailAccount)).one().is_active = False
    db.session.commit()
    page = admin.get(url_of(group)).text

    assert "Ninguna cuenta de correo puede enviar" in page
    states = re.findall(r'<span class="v-state[^>]*>.*?</svg>([^<]+)</span>', page)
    assert states[0].strip() == "Incompleto"
