"""The page of header, signature and footer (S4-18 to S4-24, X4-10)."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailings.delivery import Delivery, DeliveryKind
from models.people.organization import Department, Organization
from models.people.user import User
from tests.admin_views.conftest import SignIn
from tests.factories.accounts import (
    make_colleague,
    make_department,
    make_letterhead,
    make_own_account,
)
from tests.factories.people import make_organization, make_user

URL = "/addons/mail-accounts/letterhead"
TEXTS = ("header_html", "signature_html", "footer_html")


@pytest.fixture
def ventas(organization: Organization) -> Department:
    return make_department("Ventas")


@pytest.fixture
def ana(organization: Organization, ventas: Department) -> User:
    user = make_colleague(organization, "Ana Peña", department=ventas, position="Cobranzas")
    db.session.commit()
    return user


@pytest.fixture
def admin(ana: User, sign_in: SignIn) -> FlaskClient:
    return sign_in(role="administrator")


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the page as it stands."""
    form = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', page))
    for name in TEXTS:
        text = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
        form[name] = (
            (text[1] if text else "")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#34;", '"')
            .replace("&amp;", "&")
            .replace("\n", "\r\n")
        )
    return form


def sent(admin: FlaskClient, url: str, **typed: str) -> Any:
    return admin.post(url, data=form_of(admin.get(url).text) | typed)


def said() -> list[Letterhead]:
    db.session.rollback()
    return list(db.session.scalars(select(Letterhead).order_by(Letterhead.id)))


def test_accepting_saves_this_part_alone(admin: FlaskClient) -> None:
    """S4-18, S4-19: three texts of the company, with its default domain left as it is."""
    answer = sent(
        admin,
        URL,
        header_html="<html><body>\r\n<p>Peñalba</p>",
        signature_html="<p>{{ user.name }}</p>",
        footer_html="</body></html>",
        footer_in_replies="1",
    )

    assert answer.status_code == 302
    (level,) = said()
    assert level.header_html == "<html><body>\n<p>Peñalba</p>"
    assert (level.department_id, level.user_id, level.footer_in_replies) == (None, None, True)
    page = admin.get(URL).text
    assert "El encabezado abre html y body, y el pie los cierra." in page
    assert page.count("Propio de la empresa") == 3


def test_what_is_not_changed_stays_inherited(admin: FlaskClient, ventas: Department) -> None:
    """X4-10: only the text that was typed becomes the department's own."""
    make_letterhead(
        header_html="<p>\nLogo</p>", signature_html="<p>a</p>", footer_html="<p>Pie</p>"
    )
    db.session.commit()
    url = f"{URL}?level=d{ventas.id}"

    assert sent(admin, url, signature_html="<p>Ventas</p>").status_code == 302

    _company, level = said()
    assert (level.header_html, level.signature_html, level.footer_html) == (
        None,
        "<p>Ventas</p>",
        None,
    )
    page = admin.get(url).text
    assert "Propio de Ventas" in page
    assert page.count("Usa el de la empresa") == 2


def test_the_text_of_the_level_above_can_be_taken_again(
    admin: FlaskClient, ventas: Department
) -> None:
    """X4-10: shown first, saved by *Aceptar*."""
    make_letterhead(signature_html="<p>Empresa</p>")
    make_letterhead(department=ventas, signature_html="<p>Ventas</p>")
    db.session.commit()
    url = f"{URL}?level=d{ventas.id}"

    shown = sent(admin, url, do="inherit-signature_html")

    assert "&lt;p&gt;Empresa&lt;/p&gt;" in shown.text
    assert said()[1].signature_html == "<p>Ventas</p>"
    admin.post(url, data=form_of(shown.text))
    assert said()[1].signature_html is None


def test_an_empty_text_is_kept_as_nothing(admin: FlaskClient, ana: User) -> None:
    """X4-10: for one person, no signature at all."""
    make_letterhead(signature_html="<p>Empresa</p>")
    db.session.commit()

    sent(admin, f"{URL}?level=u{ana.id}", signature_html="")

    assert said()[1].signature_html == ""


def test_the_second_saver_keeps_what_was_typed(admin: FlaskClient) -> None:
    """S4-19: and sees what the other one saved before writing over it."""
    form = form_of(admin.get(URL).text) | {"header_html": "<p>mine</p>"}
    sent(admin, URL, header_html="<p>theirs</p>")

    refused = admin.post(URL, data=form)

    assert refused.status_code == 409
    assert "Otra persona guardó estos textos" in refused.text
    assert "&lt;p&gt;mine&lt;/p&gt;" in refused.text
    assert said()[0].header_html == "<p>theirs</p>"
    assert admin.post(URL, data=form_of(refused.text)).status_code == 302
    assert said()[0].header_html == "<p>mine</p>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 2_000_000, "100 KB"),
        ("<p>\n{{ user.nombre }}</p>", "línea 2"),
        ("{{ company.name }}", "organization.name"),
        ("{{ user.name", "no es un campo"),
    ],
)
def test_bad_input_is_told_at_its_text(admin: FlaskClient, text: str, words: str) -> None:
    """S4-18, S4-23: a signature of 2 MB, unknown fields; nothing is saved, what was typed stays."""
    refused = sent(admin, URL, signature_html=text)

    assert refused.status_code == 422
    assert words in refused.text
    assert 'href="#signature_html"' in refused.text
    assert said() == []


def test_a_script_is_taken_out_and_told(admin: FlaskClient) -> None:
    """S4-21."""
    sent(admin, URL, header_html="<p>Logo</p>\n<script>alert(1)</script>")

    page = admin.get(URL).text
    assert "en la línea 2 (Encabezado)" in page
    assert "alert(1)" not in page


def test_what_is_unbalanced_is_named_while_one_types(admin: FlaskClient) -> None:
    """S4-22: text, line and element."""
    told = admin.post(
        f"{URL}/check",
        data={"header_html": "<html>\n<div>", "signature_html": "</b>", "footer_html": "</html>"},
    ).text

    header, signature = told.partition('id="said-signature_html"')[::2]
    assert "Línea 2: &lt;div&gt; se abre y no se cierra." in header
    assert "Línea 1: &lt;/b&gt; cierra algo que no se abrió." in signature
    assert "un solo documento bien formado" in told


def test_the_preview_is_the_typed_text_of_the_chosen_person(admin: FlaskClient, ana: User) -> None:
    """X4-10: in a sandbox, with a policy of its own."""
    form = {"signature_html": "<p>{{ user.name }}, {{ user.position }}</p>", "as": str(ana.id)}

    answer = admin.post(f"{URL}/preview", data=form)

    assert "<p>Ana Peña, Cobranzas</p>" in answer.text
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    reply = admin.post(f"{URL}/preview", data=form | {"reply": "1"}).text
    assert reply.index("Cobranzas") < reply.index("Aquí va lo que escribió")


def test_the_preview_in_the_dark_follows_the_rules_for_it(admin: FlaskClient) -> None:
    """X4-10: whatever the colours of this browser."""
    style = "<style>@media (prefers-color-scheme: dark){.a{color:red}}</style><p class=a>x</p>"

    dark = admin.post(f"{URL}/preview", data={"header_html": style, "dark": "1"}).text
    light = admin.post(f"{URL}/preview", data={"header_html": style}).text

    assert "@media (min-width:0)" in dark
    assert "color-scheme: only dark" in dark
    assert "@media (max-width:0)" in light


def test_a_test_is_sent_with_what_is_typed(admin: FlaskClient, ana: User) -> None:
    """X4-10: nothing is saved by it."""
    make_own_account(ana, "ana@acme.com")
    db.session.commit()

    url = f"{URL}?level=u{ana.id}"
    answer = sent(admin, url, signature_html="<p>Prueba</p>", do="test", address="qa@acme.test")

    assert "en camino a qa@acme.test" in answer.text
    assert said() == []
    (delivery,) = db.session.scalars(select(Delivery))
    assert (delivery.kind, delivery.recipient) == (DeliveryKind.TEST, "qa@acme.test")
    refused = sent(admin, url, do="test", address="nobody")
    assert refused.status_code == 422
    assert "no es una dirección" in refused.text


@pytest.mark.parametrize("level", ["d0", "d999999", "u999999", "x", "d", "uuu", "d1e3", ""])
def test_levels_that_are_none_are_not_found(admin: FlaskClient, level: str) -> None:
    assert admin.get(f"{URL}?level={level}").status_code == 404


def test_levels_of_another_organization_are_not_found(admin: FlaskClient) -> None:
    stranger = make_user(make_organization(), name="A stranger")
    db.session.commit()

    assert admin.get(f"{URL}?level=u{stranger.id}").status_code == 404
    assert "A stranger" not in admin.get(URL).text
    assert admin.post(f"{URL}?level=u{stranger.id}", data={}).status_code == 404


@pytest.mark.parametrize("role", ["clerk", "reader"])
def test_only_who_edits_accounts_comes_in(ana: User, sign_in: SignIn, role: str) -> None:
    client = sign_in(role=role)

    assert client.get(URL).status_code == 403
    assert client.post(URL, data={"header_html": "x"}).status_code == 403
    assert client.post(f"{URL}/preview").status_code == 403
    assert said() == []


def test_an_account_with_texts_of_its_own_is_named(admin: FlaskClient, ana: User) -> None:
    """X4-10: they go before those of the person, and are written on the account's own page."""
    account = make_own_account(ana, "ana@acme.com", signature_html="<p>a</p>")
    db.session.commit()

    page = admin.get(f"{URL}?level=u{ana.id}").text

    assert "La cuenta ana@acme.com tiene textos propios" in page
    assert f"/admin/mail_account/edit/?id={account.id}" in page
