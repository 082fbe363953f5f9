"""What is saved: a level's own words, the others inherited, and every version kept (S0-16, S0-30, X0-02, X0-04, X0-09, X0-12)."""

from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.access_request import PortalQuestion
from models.portal.portal_text import PortalText, PortalTextKind
from tests.admin_views.portal_emails.pages import form_of, url_of
from tests.factories.portal_texts import make_group_portal, make_text


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
    assert (row.kind, row.subject, row.lang) == (
        PortalTextKind.PASSWORD_RESET,
        "Una clave nueva",
        "es",
    )
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
    make_text(PortalTextKind.NEW_PRIMARY, "<p>Nuestras palabras</p>", group=group)
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
    make_text(PortalTextKind.NEW_PRIMARY, "<p>De la empresa</p>", subject="Empresa")
    make_text(PortalTextKind.NEW_PRIMARY, "<p>Del grupo</p>", group=group, subject="Grupo")
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
