"""S1-02: help from every window of mailings."""

import re

import pytest

from models.mailings.mailing import Mailing
from models.people.organization import Organization
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.mailings import make_registered


@pytest.mark.parametrize(
    ("lang", "title"),
    [("es", "Cómo enviar facturas por correo"), ("en", "How to send invoices by e-mail")],
)
def test_the_guide_is_in_the_readers_language(
    sign_in: SignIn, organization: Organization, lang: str, title: str
) -> None:
    """S1-02: a guide in the UI language."""
    client = sign_in("reader", lang=lang)

    page = client.get("/help/send-a-mailing")

    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    pictures = re.findall(r'src="(/help/pictures/[^"]+)"', page.text)
    assert len(pictures) == 3
    assert {url.endswith("-es.png") for url in pictures} == {lang == "es"}
    assert {client.get(url).mimetype for url in pictures} == {"image/png"}


@pytest.mark.parametrize(
    ("lang", "title"),
    [("es", "Cómo configurar las cuentas de correo"), ("en", "How to set up mail accounts")],
)
def test_the_guide_to_mail_accounts_has_its_pictures(
    sign_in: SignIn, organization: Organization, lang: str, title: str
) -> None:
    """S4-25: in both languages, from the add-ons and from the table."""
    client = sign_in("administrator", lang=lang)

    page = client.get("/help/set-up-mail-accounts")

    assert f"<h1>{title}</h1>" in page.text
    pictures = re.findall(r'src="(/help/pictures/[^"]+)"', page.text)
    assert {url.endswith("-es.png") for url in pictures} == {lang == "es"}
    assert [client.get(url).mimetype for url in pictures] == ["image/png"] * 3
    for url in ("/addons", "/addons/mail-accounts"):
        assert 'href="/help/set-up-mail-accounts"' in client.get(url).text


def test_how_an_add_on_is_written_is_told(sign_in: SignIn, organization: Organization) -> None:
    """L-23: *How to write one* leads to the page for developers."""
    assert "<h1>Write an add-on</h1>" in sign_in("administrator").get("/help/write-an-add-on").text


@pytest.mark.parametrize("url", ["/help/import-a-sheet", "/help/x", "/help/pictures/x.png"])
def test_what_is_not_for_clerks_is_not_shown(
    sign_in: SignIn, organization: Organization, url: str
) -> None:
    assert sign_in("clerk").get(url).status_code == 404


def test_every_window_of_mailings_leads_to_the_guide(
    sign_in: SignIn, organization: Organization, settings: Settings
) -> None:
    """S1-02: the window links to a guide, and offers the guided tour."""
    mailing: Mailing = make_registered(settings)
    client = sign_in("clerk")

    for path in ("", "new", f"{mailing.public_id}/gallery", f"{mailing.public_id}/recipients"):
        assert 'href="/help/send-a-mailing"' in client.get(f"/mailings/{path}").text, path
    assert "data-tour-start" in client.get("/mailings/").text
    assert "/help/" not in client.get("/").text
