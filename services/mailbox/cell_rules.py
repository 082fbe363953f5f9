"""From what is typed into a cell of the grid to the value that an account keeps; raises Invalid with a sentence."""

import ipaddress
import re
import unicodedata

import idna
from flask_babel import gettext as _

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.mailbox.mail_sign_in import MailSecurity

LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LONGEST_NAME = 253
USUAL_SMTP_PORTS = {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}
USUAL_IMAP_PORTS = {MailSecurity.STARTTLS: 143, MailSecurity.TLS: 993, MailSecurity.NONE: 143}
MOST = 10**9


def address_in(text: str, domain: str) -> EmailAddress:
    """The address that is meant; without a domain, `domain` is (S4-17)."""
    typed = text.strip()
    if not typed:
        raise Invalid(_("The address is missing."))
    if "@" not in typed.removeprefix("@") and not domain:
        raise Invalid(_("Write the whole address, or a default domain above the table."))
    try:
        return EmailAddress.parse(typed if "@" in typed else f"{typed}@{domain}")
    except InvalidAddress:
        raise Invalid(_("“%(email)s” is not an e-mail address.", email=typed)) from None


def host_in(text: str) -> str:
    """The bare name or number of a server, in ASCII and lower case."""
    typed = text.strip(" ")
    if not typed:
        raise Invalid(_("The server is missing."))
    if any(unicodedata.category(sign)[0] in "CZ" for sign in typed):
        raise Invalid(_("A server's name has no spaces and no line breaks."))
    if bare := _bare_name(typed):
        raise Invalid(_("Write the server's name alone. Did you mean %(host)s?", host=bare))
    try:
        return str(ipaddress.ip_address(typed.strip("[]")))
    except ValueError:
        pass
    name = typed.lower().rstrip(".")
    try:
        name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    labels = name.split(".")
    if len(name) > LONGEST_NAME or not all(LABEL.fullmatch(label) for label in labels):
        raise Invalid(_("“%(host)s” is not the name of a server.", host=typed))
    if labels[-1].isdecimal():
        raise Invalid(_("“%(host)s” is not the address of a server.", host=typed))
    return name


def _bare_name(typed: str) -> str | None:
    """The name inside of what is an address of the web, a mail address, or a name with its port."""
    inner = typed.partition("://")[2] if "://" in typed else typed
    inner = inner.rpartition("@")[2].partition("/")[0]
    if inner.count(":") == 1:
        inner = inner.partition(":")[0]
    return inner if inner and inner != typed else ("smtp.example.com" if not inner else None)


def port_in(text: str, usual: int) -> int:
    """A port; an empty cell means the usual one."""
    return _whole(text, 1, 65_535, _("A port is a number from 1 to 65535.")) or usual


def security_in(text: str, usual: MailSecurity) -> MailSecurity:
    """How the line is protected, as the list offers it or as people write it in spreadsheets."""
    word = re.sub(r"[^a-z]", "", text.lower())
    if not word:
        return usual
    found = {
        **dict.fromkeys(("tls", "ssl", "ssltls", "tlsssl", "smtps", "imaps"), MailSecurity.TLS),
        **dict.fromkeys(("starttls", "starttsl"), MailSecurity.STARTTLS),
        **dict.fromkeys(("none", "ninguna", "ninguno", "no"), MailSecurity.NONE),
    }.get(word)
    if found is None:
        raise Invalid(_("Choose STARTTLS, SSL/TLS or none."))
    return found


def limit_in(text: str) -> int | None:
    """How many a day; an empty cell is no limit of ours."""
    return _whole(text, 1, MOST, _("A limit is a number above zero."))


def days_in(text: str) -> int | None:
    """How many days of mail are read; an empty cell is all that is there."""
    return _whole(text, 1, 36_500, _("A number of days above zero, or nothing for all mail."))


def login_in(text: str) -> str | None:
    """A login as it is; an empty cell means the address."""
    typed = text.strip()
    if any(unicodedata.category(sign)[0] == "C" for sign in typed) or len(typed) > 320:
        raise Invalid(_("A login is one line of at most 320 letters."))
    return typed or None


def password_in(text: str) -> str | None:
    """A new password, letter by letter; an empty cell keeps the one that is there (S4-12)."""
    if any(unicodedata.category(sign) == "Cc" for sign in text) or len(text) > 1000:
        raise Invalid(_("A password is one line of at most 1000 letters."))
    return text or None


def _whole(text: str, least: int, most: int, sentence: str) -> int | None:
    typed = text.strip()
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", typed) or not least <= int(typed) <= most:
        raise Invalid(sentence)
    return int(typed)


def readable(name: str) -> str:
    """A domain or an address as people write it: `xn--pealba-xwa` is `peñalba`."""
    local, at, domain = name.rpartition("@")
    if "xn--" not in domain:
        return name
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except idna.IDNAError:
        return name
