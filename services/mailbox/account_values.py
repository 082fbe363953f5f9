"""What a mail account may hold, for the doors that fill it in at once: its own form and the command line.

The grid asks the same rules cell by cell (`cell_rules.py`), so the same text is refused at every door.
"""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.mailbox.mail_account import MailAccount
from services.mailbox.cell_rules import host_in, login_in, password_in

PORTS = ("smtp_port", "imap_port")
LARGEST_PORT = 65_535
READ_AS: dict[str, Callable[[str], Any]] = {
    "smtp_host": host_in,
    "imap_host": host_in,
    "login": login_in,
    "imap_login": login_in,
}


def settle_values(account: MailAccount) -> None:
    """Bring what was written to the form in which it is kept; raises Invalid with the field.

    What was not changed stays as it is, however odd.
    """
    if _is_written(account, "address"):
        address = _address_in(account.address or "")
        account.address, account.address_norm = str(address), address.normalised
    for name, read in READ_AS.items():
        text = getattr(account, name)
        if text is not None and _is_written(account, name):
            setattr(account, name, _read(name, read, text))
    for name in PORTS:
        port = getattr(account, name)
        if port is not None and _is_written(account, name):
            check_port(port, field=name)


def check_port(port: int, *, field: str) -> None:
    """Raise Invalid for what is no port."""
    if not 1 <= port <= LARGEST_PORT:
        raise Invalid(_("A port is a number from 1 to 65535."), field=field)


def check_password(password: str) -> None:
    """Raise Invalid for a password that no server could be shown as it is."""
    _read("password", password_in, password)


def _address_in(text: str) -> EmailAddress:
    try:
        return EmailAddress.parse(text)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=text), field="address"
        ) from None


def _is_written(account: MailAccount, name: str) -> bool:
    return bool(inspect(account).attrs[name].history.has_changes())


def _read(field: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except Invalid as problem:
        raise Invalid(problem.message, field=field) from None
