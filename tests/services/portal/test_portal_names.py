"""How a portal is called, and where it is: S2-04 to S2-07."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, text

from errors import Invalid
from mail.name_lookup import NameLookup
from models.base import db
from models.people.organization import Organization
from models.portal.portal_settings import FormerPortalName, PortalSettings
from models.tenancy import acting_in
from services.portal.custom_domain import (
    RecordState,
    check_domain,
    forget_hosts,
    is_served,
    portal_at,
    set_domain,
)
from services.portal.domain_watch import check_served_domains
from services.portal.portal_addresses import portal_url
from services.portal.portal_names import rename_portal
from tests.browser import Browser
from tests.factories.people import make_organization
from tests.servers.name_server import LocalNameServer

DOMAIN = "clientes.acme.com"


@pytest.fixture
def portal(organization: Organization) -> Iterator[PortalSettings]:
    forget_hosts()
    yield db.session.scalars(select(PortalSettings)).one()
    forget_hosts()


def test_S2_05_a_name_is_made_for_a_new_organization(organization: Organization) -> None:
    first, second = make_organization(name="Ñandú & Cía"), make_organization(name="Nandu Cia")

    with acting_in(first.id):
        assert db.session.scalars(select(PortalSettings.name)).one() == "nandu-cia"
    with acting_in(second.id):
        assert db.session.scalars(select(PortalSettings.name)).one() == "nandu-cia-2"


@pytest.mark.parametrize("wanted", ["acme", "ACME", " Ácmé ", "ÁCMÉ"])
def test_S2_04_a_name_is_one_organizations(portal: PortalSettings, wanted: str) -> None:
    make_organization(name="Acme")

    with pytest.raises(Invalid, match="en uso"):
        rename_portal(portal, wanted)


@pytest.mark.parametrize("wanted", ["admin", "Portal", "ÁDMIN", "x", "a b!", "ñ", "-", "a" * 41])
def test_S2_04_some_names_are_refused(portal: PortalSettings, wanted: str) -> None:
    with pytest.raises(Invalid):
        rename_portal(portal, wanted)


def test_S2_06_the_former_name_leads_on_and_is_never_anothers(
    portal: PortalSettings, browser: Browser
) -> None:
    old = portal.name
    assert rename_portal(portal, "Peñalba Centro")
    assert portal.name == "penalba-centro"
    db.session.commit()

    answer = browser.get(f"/portal/{old}/sign-in?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (
        301,
        "/portal/penalba-centro/sign-in?a=1",
    )
    other = make_organization(name="Otra")
    with acting_in(other.id):
        theirs = db.session.scalars(select(PortalSettings)).one()
        with pytest.raises(Invalid):
            rename_portal(theirs, old)


def test_S2_06_after_90_days_it_leads_nowhere(portal: PortalSettings, browser: Browser) -> None:
    old = portal.name
    rename_portal(portal, "nuevo")
    db.session.flush()
    db.session.execute(
        text("UPDATE former_portal_name SET created_at = now() - interval '91 days'")
    )
    db.session.commit()

    assert browser.get(f"/portal/{old}/sign-in").status_code == 404


def test_a_name_can_be_taken_back(portal: PortalSettings) -> None:
    old = portal.name
    rename_portal(portal, "nuevo")
    rename_portal(portal, old)

    names = db.session.scalars(select(FormerPortalName.name)).all()
    assert (portal.name, names) == (old, ["nuevo"])


@pytest.mark.parametrize("typed", ["localhost", "http://", "a b.com", "-x.com", "10.0.0.1", "x"])
def test_S2_07_what_is_no_domain_is_refused(portal: PortalSettings, typed: str) -> None:
    with pytest.raises(Invalid):
        set_domain(portal, typed)


def test_S2_07_a_domain_is_ours_once_its_record_is_found(
    app: Flask, portal: PortalSettings, browser: Browser
) -> None:
    set_domain(portal, f"https://{DOMAIN.upper()}/")
    zone = {("clientes.acme.com", "CNAME"): ["localhost."]}
    with LocalNameServer(zone) as server:
        lookup = NameLookup(nameservers=("127.0.0.1",), port=server.port)
        states = [record.state for record in check_domain(portal, lookup)]
        assert states == [RecordState.MISSING, RecordState.FOUND]
        assert portal_url() == f"http://localhost/portal/{portal.name}/"

        zone[("_ventanilla.clientes.acme.com", "TXT")] = ["wrong"]
        assert check_domain(portal, lookup)[0].state is RecordState.OTHER
        db.session.commit()
        assert browser.get("/", headers={"Host": DOMAIN}).status_code == 400

        zone[("_ventanilla.clientes.acme.com", "TXT")] = [f'"{portal.domain_challenge}"']
        assert check_domain(portal, lookup)[0].state is RecordState.FOUND
        db.session.commit()

    assert portal_url("/sign-in") == f"http://{DOMAIN}/portal/{portal.name}/sign-in"
    with app.app_context():
        assert portal_at(DOMAIN) == portal.name
    at_home = browser.get("/", headers={"Host": DOMAIN})
    assert at_home.headers["Location"] == f"/portal/{portal.name}/"
    inside = browser.get(f"/portal/{portal.name}/sign-in", headers={"Host": DOMAIN})
    assert inside.status_code == 200
    assert browser.get("/look/0b5a73.css", headers={"Host": DOMAIN}).status_code == 200
    for path in ("/sign-in", "/admin/customer/", "/healthz", "/portal/somebody-else/"):
        assert browser.get(path, headers={"Host": DOMAIN}).status_code == 404


def test_S2_07_a_domain_is_one_organizations(portal: PortalSettings) -> None:
    """Of whom the record was found; a claim alone keeps nobody out."""
    set_domain(portal, DOMAIN)
    db.session.commit()
    other = make_organization()
    zone: dict[tuple[str, str], list[str]] = {}
    with LocalNameServer(zone) as server, acting_in(other.id):
        lookup = NameLookup(nameservers=("127.0.0.1",), port=server.port)
        theirs = db.session.scalars(select(PortalSettings)).one()
        set_domain(theirs, DOMAIN)
        zone[(f"_ventanilla.{DOMAIN}", "TXT")] = [
            f'"{theirs.domain_challenge}"',
            f'"{portal.domain_challenge}"',
        ]
        assert check_domain(theirs, lookup)[0].state is RecordState.FOUND
        db.session.commit()
        with acting_in(portal.organization_id):
            with pytest.raises(Invalid, match="en uso"):
                check_domain(portal, lookup)
            with pytest.raises(Invalid, match="en uso"):
                set_domain(make_claim(), DOMAIN)


def make_claim() -> PortalSettings:
    """The portal in scope, without a domain."""
    settings = db.session.scalars(select(PortalSettings)).one()
    set_domain(settings, "")
    return settings


def test_S2_07_a_domain_without_its_record_is_left_after_some_days(portal: PortalSettings) -> None:
    """The clock asks once a day; a name server that is away for a while changes nothing."""
    set_domain(portal, DOMAIN)
    zone = {(f"_ventanilla.{DOMAIN}", "TXT"): [f'"{portal.domain_challenge}"']}
    with LocalNameServer(zone) as server:
        lookup = NameLookup(nameservers=("127.0.0.1",), port=server.port)
        check_domain(portal, lookup)
        db.session.commit()
        begin = portal.domain_checked_at
        assert begin is not None
        zone.clear()

        states = []
        for hours in (1, 25, 50, 75):
            with time_machine.travel(begin + timedelta(hours=hours), tick=False):
                lapsed = check_served_domains(lookup)
            db.session.refresh(portal)
            states.append((lapsed, is_served(portal), portal.domain_checked_at > begin))

    assert states == [(0, True, False), (0, True, True), (0, True, True), (1, False, True)]
    assert portal_url() == f"http://localhost/portal/{portal.name}/"
