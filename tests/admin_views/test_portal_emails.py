"""The portal's e-mails of a customer group, as staff sets them up: S0-02 to S0-30, X0-02, X0-04, X0-08 to X0-12."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.access_request import PortalQuestion
from models.portal.portal_text import PortalText, PortalTextKind
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_organization,
)
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


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    make_mail_account(address="portal@acme.test", display_name="Portal")
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)
    make_contact(customer, name="Ramón Güemes", email="ramon@lanapa.test")
    db.session.commit()
    return group


@pytest.fixture
def admin(group: CustomerGroup, sign_in: SignIn) -> FlaskClient:
    return sign_in(role="administrator")


def url_of(group: CustomerGroup, more: str = "") -> str:
    return f"/customer-groups/{group.id}/portal-emails{more}"


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page as it stands."""
    form: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" not in of or (of.get("type") == "checkbox" and " checked" not in tag):
            continue
        form[of["name"]] = unescape(of.get("value", ""))
    for name, text in re.findall(
        r'<textarea[^>]*name="([\w-]+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    ):
        form[name] = unescape(text).replace("\n", "\r\n")
    form.pop("csrf_token", None)
    return form


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


def test_S0_30_what_is_not_changed_stays_inherited(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    form = form_of(admin.get(url_of(group)).text)
    form |= {
        "access_requests_to": "cxc@acme.test",
        "sender": "portal@acme.test",
        "subject-password_reset": "Una clave nueva",
        "tells_new_primary": "1",
    }

    answer = admin.post(url_of(group), data=form | {"do": "save"})

    assert answer.status_code == 302
    [row] = db.session.scalars(select(PortalText)).all()
    assert (row.kind, row.subject, row.lang) == (K.PASSWORD_RESET, "Una clave nueva", "es")
    page = admin.get(url_of(group)).text
    form = form_of(page)
    assert (form["access_requests_to"], form["sender"]) == ("cxc@acme.test", "portal@acme.test")
    assert form["own-tells_new_primary"] == "1" and form["own-tells_previous_primary"] == "0"
    assert "cxc@acme.test · portal@acme.test" in page


def test_S0_30_errors_stand_at_their_field_and_nothing_is_saved(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    form = form_of(admin.get(url_of(group)).text)
    form |= {
        "sender": "nadie@acme.test",
        "body-password_reset": "<p>Sin enlace</p>",
        "subject-new_primary": "Bien",
    }

    answer = admin.post(url_of(group), data=form | {"do": "save"})

    assert answer.status_code == 422
    for name in ("sender", "body-password_reset"):
        assert f'id="error-{name}"' in answer.text
    assert "Falta «{{ reset_url }}»" in answer.text
    again = form_of(answer.text)
    assert (again["body-password_reset"], again["subject-new_primary"]) == (
        "<p>Sin enlace</p>",
        "Bien",
    )
    assert 'data-unsaved="refused"' in answer.text
    assert db.session.scalars(select(PortalText)).all() == []


def test_S0_16_words_are_greyed_not_lost_while_the_box_is_off(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    make_text(K.NEW_PRIMARY, "<p>Nuestras palabras</p>", group=group)
    make_group_portal(group, tells_new_primary=False)
    db.session.commit()

    page = admin.get(url_of(group)).text
    assert 'id="words-new_primary" inert' in page
    form = form_of(page)
    assert admin.post(url_of(group), data=form | {"do": "save"}).status_code == 302

    db.session.rollback()
    assert db.session.scalars(select(PortalText.body_html)).one() == "<p>Nuestras palabras</p>"


def test_X0_12_the_text_of_the_level_above_can_be_taken_again(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    make_text(K.NEW_PRIMARY, "<p>De la empresa</p>", subject="Empresa")
    make_text(K.NEW_PRIMARY, "<p>Del grupo</p>", group=group, subject="Grupo")
    db.session.commit()
    form = form_of(admin.get(url_of(group)).text)

    page = admin.post(url_of(group), data=form | {"do": "inherit-new_primary"}).text
    form = form_of(page)
    assert form["subject-new_primary"] == "Empresa"
    admin.post(url_of(group), data=form | {"do": "save"})

    rows = db.session.scalars(select(PortalText).where(PortalText.is_current)).all()
    assert [row.customer_group_id for row in rows] == [None]


def test_the_second_saver_keeps_what_was_typed(admin: FlaskClient, group: CustomerGroup) -> None:
    form = form_of(admin.get(url_of(group)).text)
    admin.post(url_of(group), data=form | {"do": "save", "subject-new_primary": "Primera"})

    answer = admin.post(url_of(group), data=form | {"do": "save", "subject-new_primary": "Otra"})

    assert answer.status_code == 409
    assert form_of(answer.text)["subject-new_primary"] == "Otra"


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


def test_X0_09_versions_with_who_and_what_changed(admin: FlaskClient, group: CustomerGroup) -> None:
    for subject in ("Primera", "Segunda"):
        form = form_of(admin.get(url_of(group)).text) | {"subject-new_primary": subject}
        assert admin.post(url_of(group), data=form | {"do": "save"}).status_code == 302
    url = f"/customer-groups/{group.id}/portal-texts/new_primary/versions"

    page = admin.get(url).text
    assert "<ins>Segunda</ins>" in page and "<del>Primera</del>" in page and "Staff" in page
    admin.post(url, data={"revision": "1"})

    row = db.session.scalars(select(PortalText).where(PortalText.is_current)).one()
    assert (row.subject, row.revision) == ("Primera", 3)


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


def test_X0_02_texts_of_the_pages_are_versioned(admin: FlaskClient, group: CustomerGroup) -> None:
    url = f"/customer-groups/{group.id}/portal-texts"
    for number, text in enumerate(("<p>Condiciones 2025</p>", "<p>Condiciones 2026</p>")):
        form = {"body-terms": text, "revision-terms": str(number)}
        assert admin.post(url, data=form).status_code == 302

    rows = db.session.scalars(select(PortalText).order_by(PortalText.revision)).all()
    assert [(row.body_html, row.is_current) for row in rows] == [
        ("<p>Condiciones 2025</p>", False),
        ("<p>Condiciones 2026</p>", True),
    ]
    assert "Condiciones 2026" in admin.get(url).text
    assert admin.post(url, data={"body-terms": "x", "revision-terms": "1"}).status_code == 409


def test_X0_04_questions_of_a_group(admin: FlaskClient, group: CustomerGroup) -> None:
    url = f"/customer-groups/{group.id}/questions"
    first = {
        "label-0-es": "¿De dónde nos conoce?",
        "label-0-en": "How did you hear of us?",
        "kind-0": "choice",
        "options-0": "Feria\r\nOtro cliente",
        "required-0": "1",
        "kind-1": "text",
    }
    assert admin.post(url, data=first | {"options-0": "Feria"}).status_code == 422
    assert admin.post(url, data=first).status_code == 302

    [question] = db.session.scalars(select(PortalQuestion)).all()
    assert question.options == ["Feria", "Otro cliente"] and question.is_required
    assert "¿De dónde nos conoce?" in admin.get(url).text

    gone = {"id-0": str(question.id), "kind-0": "text", "label-0-es": ""}
    admin.post(url, data=gone)
    db.session.rollback()
    assert db.session.scalars(select(PortalQuestion)).all() == []


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


def test_what_might_be_better_is_said_and_keeps_nobody_from_saving(
    admin: FlaskClient, group: CustomerGroup
) -> None:
    """X0-14, pains A-10: broken links, pictures without words, no way to the portal; while it is typed, too."""
    form = form_of(admin.get(url_of(group)).text)
    form |= {
        "subject-validation_confirmed": "PORTAL ACTIVADO YA",
        "body-validation_confirmed": '<p><a href="acme">Entrar</a></p>\n<img src="https://x.test/a.png">',
    }

    said = unescape(admin.post(url_of(group, "/check/validation_confirmed"), data=form).text)
    assert admin.post(url_of(group), data=form | {"do": "save"}).status_code == 302
    page = unescape(admin.get(url_of(group)).text)

    for words in (
        "Línea 1: «acme» no es una dirección completa",
        "Línea 2: Esta imagen no tiene palabras (alt)",
        "El asunto grita",
        "Ningún enlace lleva al portal: inserte {{ portal_url }}.",
    ):
        assert words in said and words in page
