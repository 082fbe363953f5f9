"""Adding mail accounts."""

import ipaddress
import socket

from flask_babel import gettext as _

from errors import Conflict, Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.account_values import check_password, settle_values

# This machine, private networks (RFC 1918, 4193) and one's own link.
NEAR = [
    ipaddress.ip_network(network)
    for network in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
]
OWN_RELAY_CONNECTIONS = 8
UNKNOWN_SERVER_CONNECTIONS = 2
# What the big providers allow, by the end of the server's name (their own documentation, 2025).
PROVIDER_LIMITS: dict[str, dict[str, int]] = {
    ".gmail.com": {"per_day": 2000},
    ".office365.com": {"per_minute": 30, "per_day": 10_000, "connections": 3},
}


def add_account(
    address: str,
    *,
    smtp_host: str,
    smtp_port: int,
    security: MailSecurity,
    login: str | None = None,
    password: str | None = None,
    connections: int | None = None,
    display_name: str = "",
) -> MailAccount:
    """A mail account of the present organization, with the limits that its provider is known for.

    Raises Invalid with the field, or Conflict if there is one with this address.
    """
    if connections is not None and not 1 <= connections <= 32:
        raise Invalid(_("There can be 1 to 32 connections."), field="connections")
    if login and not password:
        raise Invalid(_("A login needs a password."), field="password")
    account = MailAccount(
        address=address,
        display_name=display_name,
        smtp_host=smtp_host,
        smtp_port=smtp_port,
        smtp_security=security,
        login=login,
        is_shared=True,
    )
    settle_values(account)
    refuse_open_line(account.smtp_host, security, field="smtp_security")
    if db.session.scalar(MailAccount.at(account.address_norm)) is not None:
        raise Conflict(_("There is already an account with the address %(email)s.", email=address))
    limits = usual_limits(account.smtp_host, is_near=is_near_host(account.smtp_host))
    if connections is not None:
        limits["connections"] = connections
    for name, limit in limits.items():
        setattr(account, name, limit)
    if login and password:
        check_password(password)
        account.password = password
    db.session.add(account)
    db.session.flush()
    return account


def refuse_open_line(host: str, security: MailSecurity, *, field: str) -> None:
    """Without encryption only this machine and private networks are spoken to; raises Invalid."""
    if security is MailSecurity.NONE and not is_near_host(host):
        raise Invalid(
            _("Without encryption only servers of this machine or of a private network are used."),
            field=field,
        )


def usual_limits(host: str, *, is_near: bool) -> dict[str, int]:
    """The limits of a new account at this server: what its provider is known for, else a careful guess."""
    name = host.lower()
    known = next((each for end, each in PROVIDER_LIMITS.items() if name.endswith(end)), {})
    return {
        "connections": OWN_RELAY_CONNECTIONS if is_near else UNKNOWN_SERVER_CONNECTIONS,
        **known,
    }


def is_near_host(host: str) -> bool:
    """Whether every address of the host is this machine's or a private network's."""
    try:
        found = socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        return False
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    addresses = [getattr(address, "ipv4_mapped", None) or address for address in addresses]
    return bool(addresses) and all(
        any(address in network for network in NEAR) for address in addresses
    )
