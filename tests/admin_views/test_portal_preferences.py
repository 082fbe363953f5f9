"""Settings > Preferences > Portal: S2-01 to S2-26."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from mail.name_lookup import NameLookup
from models.base import db
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, enter
from services.portal.custom_domain import forget_hosts
from tests.admin_views.conftest import SignIn
from tests.admin_views.portal_emails.pages import form_of
from tests.factories.people import make_organization
from tests.servers.name_server import LocalNameServer

URL = "/preferences/portal/customer-portal"


@pytest.fixture
def admin(sign_in: SignIn) -> FlaskClient:
    return sign_in(role="administrator")


def filled(client: FlaskClient, **changes: str) -> dict[str, Any]:
    """The form as a browser has it, with these changes."""
    page = client.get(URL).text
    form: dict[str, Any] = dict(form_of(page))
    form["languages"] = re.findall(r'name="languages" value="(\w+)" checked', page)
    for tag in re.findall(r'<input[^>]*type="radio"[^>]*checked[^>]*>', page):
        of = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        form[of["name"]] = of["value"]
    return form | changes | {"do": "save"}


def portal_of(organization: Organization) -> PortalSettings:
    db.session.rollback()
    enter(Scope(organization_id=organization.id))
    return db.session.scalars(select(PortalSettings)).one()


def test_S2_02_the_way_there(admin: FlaskClient) -> None:
    page = admin.get(URL).text

    trail = re.search(r'<ol class="breadcrumb">(.*?)</ol>', page, re.DOTALL)
    assert trail
    words = [word for word in re.sub(r"<[^>]+>", "\n", trail[1]).split("\n") if word.strip()]
    assert words[-3:] == ["Configuración", "Preferencias", "Portal"]
    # S2-03: the tab has an address of its own.
    assert re.search(r'<a class="nav-link active"[^>]*aria-current="page">Portal del Cliente', page)
    assert admin.get("/preferences/portal").headers["Location"] == URL


def test_S2_01_all_of_it_is_saved_together(admin: FlaskClient, organization: Organization) -> None:
    form = filled(
        admin,
        name="Peñalba",
        title="Portal de Peñalba",
        notify_emails="cartera@acme.test, ventas@acme.test",
        banner_from="2026-08-20",
        banner_to="2026-08-31",
        brand_color="#8F4410",
        allow_reviews="1",
        show_projects="1",
        **{
            "notify-downloaded": "never",
            "notify-viewed_first": "daily",
            "banner-es": "<p>El lunes <b>no</b> despachamos<script>x()</script></p>",
        },
    )
    del form["allow_forward"]

    assert admin.post(URL, data=form).status_code == 302

    settings = portal_of(organization)
    assert (settings.name, settings.title) == ("penalba", "Portal de Peñalba")
    assert settings.notify_emails == ["cartera@acme.test", "ventas@acme.test"]
    assert settings.notify == {"downloaded": "never", "viewed_first": "daily"}
    assert settings.banner == {"es": "<p>El lunes <b>no</b> despachamos</p>"}
    assert (settings.allow_reviews, settings.show_projects, settings.allow_forward) == (
        True,
        True,
        False,
    )
    assert db.session.get_one(Organization, organization.id).brand_color == "#8f4410"
    page = admin.get(URL).text
    assert "/portal/penalba/" in page and 'value="2026-08-31"' in page
    changes = db.session.scalars(
        select(AuditEvent).where(AuditEvent.entity == "portal_settings")
    ).all()
    assert any(each.after and each.after.get("name") == "penalba" for each in changes)


def test_S2_01_nothing_is_saved_if_one_thing_is_wrong(
    admin: FlaskClient, organization: Organization
) -> None:
    make_organization(name="Acme")
    db.session.commit()
    before = portal_of(organization).version
    form = filled(
        admin,
        name="ÁCME",
        title="Otro",
        custom_domain="x",
        notify_emails="nobody",
        banner_from="2026-09-01",
        banner_to="2026-08-01",
        brand_color="red",
    )

    answer = admin.post(URL, data=form)

    assert answer.status_code == 422
    for name in ("name", "custom_domain", "notify_emails", "banner_to", "brand_color"):
        assert f'id="error-{name}"' in answer.text, name
    assert "ya está en uso" in answer.text
    assert 'value="Otro"' in answer.text
    assert portal_of(organization).version == before


def test_S2_13_the_switch_covers_the_three_below_it(
    admin: FlaskClient, organization: Organization
) -> None:
    form = filled(admin)
    assert form["allow_edit"] == "1"
    del form["allow_edit"]

    admin.post(URL, data=form)

    settings = portal_of(organization)
    assert not (
        settings.allow_profile_edit or settings.allow_address_edit or settings.allow_card_edit
    )


def test_the_second_saver_is_told(admin: FlaskClient, organization: Organization) -> None:
    form = filled(admin)
    admin.post(URL, data=form | {"title": "Uno"})

    answer = admin.post(URL, data=form | {"title": "Dos"})

    assert answer.status_code == 409 and 'value="Dos"' in answer.text
    assert portal_of(organization).title == "Uno"


def test_S2_07_the_records_of_the_domain_are_looked_up(
    app: Flask, admin: FlaskClient, organization: Organization
) -> None:
    admin.post(URL, data=filled(admin, custom_domain="clientes.acme.com"))
    challenge = portal_of(organization).domain_challenge
    zone = {("_ventanilla.clientes.acme.com", "TXT"): [f'"{challenge}"']}
    before = app.extensions["name_lookup"]
    with LocalNameServer(zone) as server:
        app.extensions["name_lookup"] = NameLookup(nameservers=("127.0.0.1",), port=server.port)
        page = admin.post("/preferences/portal/check-domain").text
    app.extensions["name_lookup"] = before
    forget_hosts()

    assert "Encontrado" in page and "No está" in page and "CNAME" in page
    assert portal_of(organization).domain_verified_at is not None


def test_S2_26_the_drawing_announces_in_the_readers_language(sign_in: SignIn) -> None:
    admin = sign_in(role="administrator", lang="en")
    words = {"banner-es": "<p>El lunes no.</p>", "banner-en": "<p>Not on Monday.</p>"}
    admin.post(URL, data=filled(admin, **words))

    drawn = re.search(r'data-mini="banner"[^>]*><p>([^<]*)', admin.get(URL).text)

    assert drawn and drawn[1] == "Not on Monday."


def test_S2_26_the_drawing_stands_where_the_portal_does_not_speak_the_readers_language(
    sign_in: SignIn,
) -> None:
    admin = sign_in(role="administrator", lang="en")
    words = {"banner-es": "<p>El lunes no.</p>", "languages": ["es"]}
    admin.post(URL, data=filled(admin) | words)

    drawn = re.search(r'data-mini="banner"[^>]*><p>([^<]*)', admin.get(URL).text)

    assert drawn and drawn[1] == "El lunes no."


def test_clerks_look_and_change_nothing(sign_in: SignIn, organization: Organization) -> None:
    clerk = sign_in(role="clerk")

    page = clerk.get(URL)
    assert page.status_code == 200 and "<fieldset" in page.text and "disabled" in page.text
    assert clerk.post(URL, data={"title": "x"}).status_code == 403
    assert clerk.post("/preferences/portal/check-domain").status_code == 403


def test_S2_01_who_administers_one_company_changes_its_logo(
    admin: FlaskClient, organization: Organization
) -> None:
    """S2-01: on the page of the preferences, without being an administrator of all companies."""
    form = filled(admin) | {"title": "Con logo"}
    wrong = {**form, "logo": (BytesIO(b"%PDF-1.7"), "logo.png")}
    answer = admin.post(URL, data=wrong, content_type="multipart/form-data")
    assert answer.status_code == 422 and 'id="error-logo"' in answer.text

    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"></svg>'
    right = {**form, "logo": (BytesIO(picture), "logo.svg")}
    assert admin.post(URL, data=right, content_type="multipart/form-data").status_code == 302

    sha256 = db.session.get_one(Organization, organization.id).logo_sha256
    assert sha256 and f"/logo/{sha256}" in admin.get(URL).text
    admin.post(URL, data=filled(admin) | {"logo-remove": "1"})
    db.session.rollback()
    assert db.session.get_one(Organization, organization.id).logo_sha256 is None


def test_P_20_the_languages_of_the_portal_are_chosen(
    admin: FlaskClient, organization: Organization
) -> None:
    assert portal_of(organization).languages == ["es", "en", "pt"]
    form = filled(admin, **{"banner-pt": "<p>Fechado</p>"})

    admin.post(URL, data=form | {"languages": ["en", "es"]})

    settings = portal_of(organization)
    assert settings.languages == ["es", "en"]
    assert settings.banner == {"pt": "<p>Fechado</p>"}  # for when it is on again
    assert 'id="banner-pt"' not in admin.get(URL).text
    admin.post(URL, data=filled(admin) | {"languages": ["es"]})
    assert portal_of(organization).banner == {"pt": "<p>Fechado</p>"}


def test_P_20_a_portal_speaks_some_language(admin: FlaskClient, organization: Organization) -> None:
    form = filled(admin)
    del form["languages"]

    answer = admin.post(URL, data=form)

    assert answer.status_code == 422
    assert "Elija al menos un idioma." in answer.text
    assert portal_of(organization).languages == ["es", "en", "pt"]
