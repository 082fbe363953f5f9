"""What a mail account may be told about its servers, whichever door says it."""

import ipaddress
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from errors import Invalid
from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import OAuthProvider
from services.mailbox.accounts import is_near_host, refuse_open_line
from services.mailbox.oauth_endpoints import TOKEN_SERVERS
from services.mailbox.providers import preset_of_server


def check_lines(account: MailAccount, *, has_new_password: bool) -> None:
    """Refuse an open line to far away, and a password or a permission that would go to another server than before.

    Asked before the changes are flushed; raises Invalid with the field.
    """
    refuse_open_line(account.smtp_host, account.smtp_security, field="smtp_security")
    if account.imap_host:
        refuse_open_line(account.imap_host, account.imap_security, field="imap_security")
    if has_new_password or not inspect(account).persistent:
        return
    if not is_led_elsewhere(_hosts(account, then=True), _hosts(account, then=False)):
        return
    if account.uses_permission:
        raise Invalid(permission_stays(), field=_moved(account))
    if account.password_sealed is not None:
        # Else whoever may edit the account could have the old password sent to a server of their own.
        raise Invalid(_("The server is another one: write the password again."), field="password")


def is_led_elsewhere(before: Iterable[str | None], now: Iterable[str | None]) -> bool:
    """Whether a server would see the password that has not seen it so far."""
    return not {_known_as(host) for host in now if host} <= {
        _known_as(host) for host in before if host
    }


def permission_stays() -> str:
    """Why an account that signs in by permission is not led to another server."""
    return str(
        _(
            "The account signs in by permission, which was given for its present servers. Withdraw the permission first, or write a password."
        )
    )


def stranger_among(hosts: Iterable[str | None], provider: OAuthProvider) -> str | None:
    """The server that must not see a token of this provider: neither one of its own nor in a private network."""
    for host in filter(None, hosts):
        name = host.strip().lower().rstrip(".")
        if not name.endswith(TOKEN_SERVERS[provider]) and not is_near_host(name):
            return host
    return None


def _moved(account: MailAccount) -> str:
    """The field at which the sentence stands."""
    history: Any = inspect(account).attrs["smtp_host"].history
    return "smtp_host" if history.has_changes() else "imap_host"


def _hosts(account: MailAccount, *, then: bool) -> list[str | None]:
    """The servers as they were before the changes that are not flushed yet, or as they are now."""
    histories: list[Any] = [
        inspect(account).attrs[name].history for name in ("smtp_host", "imap_host")
    ]
    return [
        host
        for one in histories
        for host in (*(one.deleted if then else one.added), *one.unchanged)
    ]


def _known_as(host: str) -> str:
    """Who keeps the server: a provider that we know, else the server itself, however it is written."""
    name = host.strip().lower().rstrip(".")
    preset = preset_of_server(name)
    if preset is not None:
        return preset.smtp_host
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name
