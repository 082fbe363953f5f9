"""A portal under the company's own domain: whose it is shows a TXT record that only its owner can make (S2-07)."""

import re
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import idna
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select, text

from errors import Invalid
from mail.name_lookup import NameLookup
from models.base import db, utc_now
from models.portal.portal_settings import PortalSettings
from models.tenancy import across_organizations, current_scope

RECORD = "_ventanilla"
REMEMBERED_SECONDS = 60.0
MOST_REMEMBERED = 2_000
GRACE = timedelta(days=3)  # a name server may be away for a while
HOST = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
FIND = text("SELECT name FROM find_portal(:name, :host)")


class RecordState(StrEnum):
    """What a check found of a record."""

    UNCHECKED = "unchecked"
    FOUND = "found"
    MISSING = "missing"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DomainRecord:
    """A record that the domain is to have, and what was found; `found` is another value that stands there."""

    kind: str
    name: str
    wanted: str
    state: RecordState
    found: str = ""


def tidy_domain(written: str) -> str:
    """The name of a host as the DNS knows it. Raises Invalid."""
    plain = written.strip().lower().removeprefix("https://").removeprefix("http://").rstrip("/.")
    try:
        host = idna.encode(plain, uts46=True).decode() if plain else ""
    except idna.IDNAError:
        host = ""
    if not HOST.fullmatch(host):
        raise Invalid(
            _("“%(domain)s” is not a domain, such as clientes.example.com.", domain=written),
            field="custom_domain",
        )
    return host


def set_domain(settings: PortalSettings, written: str) -> bool:
    """Take this domain, to be checked; nothing: none. Returns whether it is new.

    Raises Invalid for what is no domain, is ours, or is proved to be another organization's.
    """
    domain = tidy_domain(written) if written.strip() else None
    if domain == settings.custom_domain:
        return False
    if domain is not None:
        if domain == _our_host():
            raise Invalid(_("This is the address of Ventanilla itself."), field="custom_domain")
        _refuse_taken(domain)
    settings.custom_domain = domain
    settings.domain_challenge = f"v1-{secrets.token_hex(16)}" if domain else None
    settings.domain_verified_at = settings.domain_checked_at = None
    db.session.flush()
    return True


def check_domain(settings: PortalSettings, lookup: NameLookup) -> list[DomainRecord]:
    """Ask the DNS. The portal is served there from when its TXT record was found, until checks miss it for three days.

    Raises Invalid if meanwhile another organization has proved that the domain is theirs.
    """
    records = records_of(settings, lookup)
    if records:
        now = utc_now()
        if records[0].state is RecordState.FOUND:
            _refuse_taken(records[0].name.removeprefix(f"{RECORD}."))
            settings.domain_verified_at = now
        elif settings.domain_verified_at and settings.domain_verified_at < now - GRACE:
            settings.domain_verified_at = None
        settings.domain_checked_at = now
        db.session.flush()
        forget_hosts()
    return records


def is_served(settings: PortalSettings) -> bool:
    """Whether customers reach the portal at its own domain, be it in the days after its record went."""
    return settings.custom_domain is not None and settings.domain_verified_at is not None


def records_of(settings: PortalSettings, lookup: NameLookup | None = None) -> list[DomainRecord]:
    """The records that the domain is to have; with a `lookup`, what is there now."""
    domain, challenge = settings.custom_domain, settings.domain_challenge or ""
    if domain is None:
        return []
    proof = alias = RecordState.UNCHECKED
    found, named = list[str](), None
    if lookup is not None:
        found, named = lookup.texts(f"{RECORD}.{domain}"), lookup.alias(domain)
        proof = _state(challenge in found, bool(found))
        alias = _state(named == _our_host(), named is not None)
    elif settings.domain_checked_at is not None:
        is_found = settings.domain_verified_at == settings.domain_checked_at
        proof = RecordState.FOUND if is_found else RecordState.MISSING
    return [
        DomainRecord("TXT", f"{RECORD}.{domain}", challenge, proof, ", ".join(found)[:200]),
        DomainRecord("CNAME", domain, _our_host(), alias, named or ""),
    ]


_known: dict[str, tuple[float, str | None]] = {}
_lock = threading.Lock()


def portal_at(host: str) -> str | None:
    """The name of the portal that is served at this host; remembered for a minute. Needs an application context."""
    now = time.monotonic()
    with _lock:
        known = _known.get(host)
    if known is not None and now - known[0] < REMEMBERED_SECONDS:
        return known[1]
    name = None
    if HOST.fullmatch(host):
        with db.engines["portal"].connect() as connection:
            name = connection.execute(FIND, {"name": "", "host": host}).scalar_one_or_none()
    with _lock:
        if len(_known) >= MOST_REMEMBERED:
            _known.clear()
        _known[host] = (now, name)
    return name


def present_name(name: str) -> str | None:
    """How the portal with this name, or that had it, is called now."""
    with db.engines["portal"].connect() as connection:
        found: str | None = connection.execute(
            FIND, {"name": name, "host": ""}
        ).scalar_one_or_none()
    return found


def forget_hosts() -> None:
    """Ask anew for every host; other processes do within a minute."""
    with _lock:
        _known.clear()


def _state(is_right: bool, is_there: bool) -> RecordState:
    if is_right:
        return RecordState.FOUND
    return RecordState.OTHER if is_there else RecordState.MISSING


def _refuse_taken(domain: str) -> None:
    mine = current_scope().organization_id
    with across_organizations():
        taken = db.session.scalar(
            select(PortalSettings.id).where(
                func.lower(PortalSettings.custom_domain) == domain,
                PortalSettings.domain_verified_at.is_not(None),
                PortalSettings.organization_id != mine,
            )
        )
    if taken is not None:
        raise Invalid(_("“%(domain)s” is in use already.", domain=domain), field="custom_domain")


def _our_host() -> str:
    url: str = current_app.extensions["settings"].public_base_url
    return urlsplit(url).hostname or "localhost"
