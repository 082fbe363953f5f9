"""The servers of an account by its address alone (X4-04): typing the address fills host, port and security.

Asked in this order: our table of providers, which needs no network; what the domain says of itself (SRV records,
RFC 6186 and 8314; Mozilla's autoconfig file); and whose mail exchangers it uses.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from mail.autoconfig import OfferedServers, read_autoconfig
from mail.envelope import EmailAddress
from mail.errors import MailError
from mail.https_file import HttpsReader
from mail.name_lookup import NameLookup
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.mailbox.oauth import OAuthProvider
from services.mailbox.providers import (
    PRESETS,
    Preset,
    preset_of_domain,
    preset_of_exchanger,
    preset_of_server,
)

__all__ = ["PRESETS", "Asking", "ServerSuggestion", "SuggestionSource", "suggest"]
LONGEST_SECONDS = 5.0
AT_ONCE = 4  # addresses being looked up in one process; who comes later gets what the table knows


class SuggestionSource(StrEnum):
    """Who says so."""

    TABLE = "table"
    SRV = "srv"
    AUTOCONFIG = "autoconfig"
    EXCHANGER = "exchanger"

    @classmethod
    def labels(cls) -> dict["SuggestionSource", Any]:
        return {
            cls.TABLE: _l("known provider"),
            cls.SRV: _l("the domain's own records"),
            cls.AUTOCONFIG: _l("the domain's own file"),
            cls.EXCHANGER: _l("where the domain's mail is kept"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSuggestion:
    """What to fill in; `hint` is a sentence for the person, `oauth` who gives the permission where one is needed."""

    name: str
    smtp_host: str
    smtp_port: int
    smtp_security: MailSecurity
    imap_host: str | None
    imap_port: int
    imap_security: MailSecurity
    login: str
    sign_in_by: SignInBy
    source: SuggestionSource
    oauth: OAuthProvider | None = None
    hint: Any = ""


class Asking:
    """How the world is asked: by this machine's name servers, at public addresses; tests bring their own."""

    def __init__(
        self,
        *,
        names: NameLookup | None = None,
        reader: HttpsReader | None = None,
        seconds: float = LONGEST_SECONDS,
    ) -> None:
        self.names = names or NameLookup(seconds=min(3.0, seconds))
        self.reader = reader or HttpsReader(self.names, seconds=seconds)
        self.seconds = seconds


_places = threading.BoundedSemaphore(AT_ONCE)


def suggest(address: str, *, asking: Asking | None = None) -> ServerSuggestion | None:
    """The servers for `address`, or None if nobody says; answers within 5 seconds whatever the network does.

    Raises InvalidAddress for what is no address.
    """
    parsed = EmailAddress.parse(address)
    known = preset_of_domain(parsed.domain)
    if known is not None:
        return _of_preset(known, parsed, SuggestionSource.TABLE)
    if not _places.acquire(blocking=False):
        return None
    try:
        return _asked(parsed, asking or Asking())
    finally:
        _places.release()


def _asked(address: EmailAddress, asking: Asking) -> ServerSuggestion | None:
    """All are asked at the same time; the first of this order that has an answer in time counts."""
    ends_at = time.monotonic() + asking.seconds
    deeds = (_by_records, _by_file, _by_own_file, _by_exchanger)
    pool = ThreadPoolExecutor(len(deeds), thread_name_prefix="autoconfig")
    try:
        for asked in [pool.submit(deed, address, asking) for deed in deeds]:
            with contextlib.suppress(MailError, TimeoutError):
                found = asked.result(timeout=max(ends_at - time.monotonic(), 0))
                if found is not None:
                    return found
        return None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _by_records(address: EmailAddress, asking: Asking) -> ServerSuggestion | None:
    ask = asking.names.server
    smtp = _either(ask, address.domain, "submissions", "submission")
    if smtp is None:
        return None
    imap = _either(ask, address.domain, "imaps", "imap")
    return _by_its_provider(
        ServerSuggestion(
            name=address.domain,
            smtp_host=smtp[0],
            smtp_port=smtp[1],
            smtp_security=smtp[2],
            imap_host=imap[0] if imap else None,
            imap_port=imap[1] if imap else 993,
            imap_security=imap[2] if imap else MailSecurity.TLS,
            login=str(address),
            sign_in_by=SignInBy.PASSWORD,
            source=SuggestionSource.SRV,
        )
    )


def _either(
    ask: Callable[[str, str], Any], domain: str, over_tls: str, starting_tls: str
) -> tuple[str, int, MailSecurity] | None:
    """The service that is encrypted from the first byte, else the one that begins in clear (RFC 8314)."""
    for service, security in ((over_tls, MailSecurity.TLS), (starting_tls, MailSecurity.STARTTLS)):
        found = ask(service, domain)
        if found is not None and found.port:
            return found.host, found.port, security
    return None


def _by_file(address: EmailAddress, asking: Asking) -> ServerSuggestion | None:
    content = asking.reader.read(f"autoconfig.{address.domain}", "/mail/config-v1.1.xml")
    return _of_file(read_autoconfig(content, address))


def _by_own_file(address: EmailAddress, asking: Asking) -> ServerSuggestion | None:
    path = "/.well-known/autoconfig/mail/config-v1.1.xml"
    return _of_file(read_autoconfig(asking.reader.read(address.domain, path), address))


def _of_file(offered: OfferedServers) -> ServerSuggestion:
    smtp, imap = offered.smtp, offered.imap
    return _by_its_provider(
        ServerSuggestion(
            name=offered.name or smtp.host,
            smtp_host=smtp.host,
            smtp_port=smtp.port,
            smtp_security=MailSecurity(smtp.security.value),
            imap_host=imap.host if imap else None,
            imap_port=imap.port if imap else 993,
            imap_security=MailSecurity(imap.security.value) if imap else MailSecurity.TLS,
            login=smtp.login,
            sign_in_by=SignInBy.PASSWORD,
            source=SuggestionSource.AUTOCONFIG,
        )
    )


def _by_exchanger(address: EmailAddress, asking: Asking) -> ServerSuggestion | None:
    for name in asking.names.exchangers(address.domain):
        preset = preset_of_exchanger(name)
        if preset is not None:
            return _of_preset(preset, address, SuggestionSource.EXCHANGER)
    return None


def _by_its_provider(found: ServerSuggestion) -> ServerSuggestion:
    """Servers of a provider that we know sign in as we know of it, whatever an old file says."""
    preset = preset_of_server(found.smtp_host)
    if preset is None:
        return found
    return replace(
        found,
        name=preset.name,
        sign_in_by=preset.sign_in_by,
        oauth=preset.oauth,
        hint=preset.hint,
    )


def _of_preset(preset: Preset, address: EmailAddress, source: SuggestionSource) -> ServerSuggestion:
    return ServerSuggestion(
        name=preset.name,
        smtp_host=preset.smtp_host,
        smtp_port=preset.smtp_port,
        smtp_security=preset.smtp_security,
        imap_host=preset.imap_host,
        imap_port=preset.imap_port,
        imap_security=preset.imap_security,
        login=str(address),
        sign_in_by=preset.sign_in_by,
        source=source,
        oauth=preset.oauth,
        hint=preset.hint,
    )
