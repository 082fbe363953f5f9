"""The cells of a row of the grid: an account as text to edit, and typed text as what an account keeps."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from errors import Invalid
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox import cell_rules as rules
from services.mailbox.cell_rules import readable

PASSWORD = "password"  # nosec B105  # the name of a cell
OUTGOING = (
    "address",
    PASSWORD,
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "login",
    "per_day",
)
INCOMING = (PASSWORD, "imap_host", "imap_port", "imap_security", "imap_login", "sync_days")
DEFAULT_SECURITY = {"smtp_security": MailSecurity.STARTTLS, "imap_security": MailSecurity.TLS}


@dataclass(frozen=True, kw_only=True)
class TypedRow:
    """What was sent of one person's row: `made_from` names the account and its version, empty for none.

    `prints` are the fingerprints of the cells as they were shown; without one, its cell counts as typed. `forgets`:
    the stored password shall go. An empty cell keeps it, and a new one goes before.
    """

    user_id: int
    made_from: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    prints: Mapping[str, str] = field(default_factory=dict)
    forgets: bool = False

    @property
    def typed(self) -> set[str]:
        """The cells that hold something else than was shown."""
        return {
            name
            for name, text in self.cells.items()
            if (text if name == PASSWORD else fingerprint(text) != self.prints.get(name))
        }


def shown_cells(account: MailAccount | None, domain: str) -> dict[str, str]:
    """Every cell of an account as text; of the password never anything, of a usual login nothing."""
    if account is None:
        cells = dict.fromkeys((*OUTGOING, *INCOMING), "")
        return cells | {name: usual.value for name, usual in DEFAULT_SECURITY.items()}
    return {
        "address": short_address(account.address, domain),
        PASSWORD: "",
        "smtp_host": readable(account.smtp_host),
        "smtp_port": str(account.smtp_port),
        "smtp_security": account.smtp_security.value,
        "login": "" if account.login in (None, account.address) else account.login or "",
        "per_day": str(account.per_day or ""),
        "imap_host": readable(account.imap_host or ""),
        "imap_port": str(account.imap_port) if account.imap_host else "",
        "imap_security": account.imap_security.value,
        "imap_login": account.imap_login or "",
        "sync_days": str(account.sync_days or ""),
    }


def short_address(address: str, domain: str) -> str:
    """The address without the domain that is meant anyway."""
    local, _at, own = address.rpartition("@")
    return local if domain and own.lower() == domain.lower() else readable(address)


def made_from(account: MailAccount | None) -> str:
    """Which account a row was made from, in which version."""
    return f"{account.public_id}.{account.version}" if account else ""


def fingerprint(text: str) -> str:
    """Tells a cell that was changed from one that was not, without sending its text twice."""
    return hashlib.blake2s(text.strip().encode(), digest_size=5).hexdigest()


def values_in(
    cells: Mapping[str, str], names: Collection[str], domain: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """What the named ones of these cells mean, and by cell the sentence about what means nothing."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    readers = _readers(cells, domain)
    for name in names:
        try:
            values[name] = readers[name](cells[name])
        except Invalid as problem:
            problems[name] = problem.message
    return values, problems


def _readers(cells: Mapping[str, str], domain: str) -> dict[str, Callable[[str], Any]]:
    return {
        "address": lambda text: rules.address_in(text, domain),
        PASSWORD: rules.password_in,
        "smtp_host": rules.host_in,
        "smtp_port": lambda text: rules.port_in(
            text, rules.USUAL_SMTP_PORTS[_security(cells, "smtp_security")]
        ),
        "smtp_security": lambda text: rules.security_in(text, DEFAULT_SECURITY["smtp_security"]),
        "login": rules.login_in,
        "per_day": rules.limit_in,
        "imap_host": lambda text: rules.host_in(text) if text.strip() else None,
        "imap_port": lambda text: rules.port_in(
            text, rules.USUAL_IMAP_PORTS[_security(cells, "imap_security")]
        ),
        "imap_security": lambda text: rules.security_in(text, DEFAULT_SECURITY["imap_security"]),
        "imap_login": rules.login_in,
        "sync_days": rules.days_in,
    }


def _security(cells: Mapping[str, str], name: str) -> MailSecurity:
    """The protection that the cell beside says, to know the usual port; the usual one if it says nothing good."""
    try:
        return rules.security_in(cells.get(name, ""), DEFAULT_SECURITY[name])
    except Invalid:
        return DEFAULT_SECURITY[name]
