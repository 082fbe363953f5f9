"""What is odd about an account without being wrong: said at the cell, and never in the way of saving (S4-14)."""

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from mail.envelope import EmailAddress
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from services.mailbox.address_pattern import plain_letters
from services.mailbox.cell_rules import readable
from services.mailbox.providers import PRESETS, preset_of_server

INCOMING_PORTS = {110, 143, 993, 995}
OUTGOING_PORTS = {25, 465, 587}
ALIKE = 0.86
# The servers that one mistypes; others are known by the accounts that use them.
PROVIDERS_SERVERS = {each.smtp_host for each in PRESETS.values()} | {
    each.imap_host for each in PRESETS.values()
}


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A sentence at a cell; `cure` holds cells that would settle it, `cure_words` what is done then."""

    sentence: str
    cure_words: str = ""
    cure: dict[str, str] = field(default_factory=dict)


def doubts_about(values: dict[str, Any], known_hosts: Collection[str]) -> dict[str, Doubt]:
    """By column, what is odd about these values of one row."""
    doubts = {
        "address": _about_address(values.get("address")),
        "password": _about_password(values),
        "smtp_host": _about_host(values.get("smtp_host"), known_hosts, incoming=False),
        "imap_host": _about_host(values.get("imap_host"), known_hosts, incoming=True),
        "smtp_port": _about_smtp_port(values.get("smtp_port"), values.get("smtp_security")),
        "imap_port": _about_imap_port(values.get("imap_port"), values.get("imap_security"))
        if values.get("imap_host")
        else None,
    }
    return {column: doubt for column, doubt in doubts.items() if doubt is not None}


def doubts_of(account: MailAccount) -> list[str]:
    """The same about a whole account, as sentences: for the doors that save one at once."""
    names = ("smtp_host", "smtp_port", "smtp_security", "imap_host", "imap_port", "imap_security")
    values = {name: getattr(account, name) for name in names}
    values["address"] = EmailAddress.parse(account.address)
    return [doubt.sentence for doubt in doubts_about(values, ()).values()]


def _about_address(address: EmailAddress | None) -> Doubt | None:
    if address is None or address.local.isascii():
        return None
    plain = plain_letters(address.local)
    sentence = _(
        "Letters such as “%(letters)s” before the @ want servers with SMTPUTF8; many have not got it.",
        letters="".join(sorted({sign for sign in address.local if not sign.isascii()})),
    )
    if not plain:
        return Doubt(sentence=sentence)
    better = readable(f"{plain}@{address.domain}")
    return Doubt(
        sentence=sentence,
        cure_words=_("Change to %(address)s", address=better),
        cure={"address": better},
    )


def _about_password(values: dict[str, Any]) -> Doubt | None:
    """Providers that sign in by permission have ended passwords, or will (E-1)."""
    preset = preset_of_server(values.get("smtp_host") or "")
    if not values.get("password") or preset is None or preset.sign_in_by is SignInBy.PASSWORD:
        return None
    return Doubt(sentence=str(preset.hint))


def _about_host(host: str | None, known_hosts: Collection[str], *, incoming: bool) -> Doubt | None:
    if not host:
        return None
    column = "imap_host" if incoming else "smtp_host"
    preset = preset_of_server(host)
    if preset is not None:
        right = preset.imap_host if incoming else preset.smtp_host
        if host == right:
            return None
        sentence = (
            _("%(host)s is the outgoing server of this provider.", host=host)
            if incoming
            else _("%(host)s is the incoming server of this provider.", host=host)
        )
        return Doubt(
            sentence=sentence, cure_words=_("Change to %(host)s", host=right), cure={column: right}
        )
    if host in known_hosts:
        return None
    for alike in difflib.get_close_matches(
        host, {*known_hosts, *PROVIDERS_SERVERS}, n=3, cutoff=ALIKE
    ):
        if _without_digits(alike) != _without_digits(host) and _only_typed_wrong(host, alike):
            return Doubt(
                sentence=_("Did you mean %(host)s?", host=alike),
                cure_words=_("Change to %(host)s", host=alike),
                cure={column: alike},
            )
    return None


def _without_digits(host: str) -> str:
    return re.sub(r"\d", "", host)


def _only_typed_wrong(host: str, alike: str) -> bool:
    """Whether the two differ in a letter or two, or in two that changed places; `smtp.a.com`, `smtp.b.com` do not."""
    blocks = difflib.SequenceMatcher(None, host, alike).get_opcodes()
    changed = [(host[a:b], alike[c:d], a, b) for kind, a, b, c, d in blocks if kind != "equal"]
    letters = sum(max(len(one), len(two)) for one, two, _a, _b in changed)
    whole_label = any(
        (a == 0 or host[a - 1] == ".") and (b == len(host) or host[b] == ".")
        for _one, _two, a, b in changed
    )
    return letters <= 2 and not whole_label


def _about_smtp_port(port: int | None, security: MailSecurity | None) -> Doubt | None:
    if port in INCOMING_PORTS:
        return Doubt(
            sentence=_("Port %(port)d is one of incoming mail.", port=port),
            cure_words=_("Change to %(port)d", port=587),
            cure={"smtp_port": "587", "smtp_security": MailSecurity.STARTTLS.value},
        )
    if port == 465 and security is not MailSecurity.TLS:
        return _better_security("smtp_security", MailSecurity.TLS, port, security)
    if port in (25, 587) and security is MailSecurity.TLS:
        return _better_security("smtp_security", MailSecurity.STARTTLS, port, security)
    return None


def _about_imap_port(port: int | None, security: MailSecurity | None) -> Doubt | None:
    if port in OUTGOING_PORTS:
        return Doubt(
            sentence=_("Port %(port)d is one of outgoing mail.", port=port),
            cure_words=_("Change to %(port)d", port=993),
            cure={"imap_port": "993", "imap_security": MailSecurity.TLS.value},
        )
    if port == 993 and security is not MailSecurity.TLS:
        return _better_security("imap_security", MailSecurity.TLS, port, security)
    if port == 143 and security is MailSecurity.TLS:
        return _better_security("imap_security", MailSecurity.STARTTLS, port, security)
    return None


def _better_security(
    column: str, better: MailSecurity, port: int | None, security: MailSecurity | None
) -> Doubt:
    words = MailSecurity.labels()
    return Doubt(
        sentence=_(
            "Port %(port)d expects %(better)s, not %(chosen)s.",
            port=port,
            better=words[better],
            chosen=words[security or MailSecurity.NONE],
        ),
        cure_words=_("Change to %(better)s", better=words[better]),
        cure={column: better.value},
    )
