"""E-mail addresses, and who a message is from and for as far as SMTP is concerned."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Self

import email_validator
import idna
from email_validator import EmailNotValidError, validate_email

from mail.errors import InvalidAddress

# A company's own relay may serve names that mean nothing outside; its server will tell.
for private_name in ("local", "test"):
    if private_name in email_validator.SPECIAL_USE_DOMAIN_NAMES:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(private_name)

PLAIN = re.compile(r"[!-;=?-~]*")  # visible ASCII without angle brackets: nearly all there are
# What nearly all addresses look like; a subset of what the validator takes as it is, found a hundred times faster.
USUAL = re.compile(
    r"(?P<local>[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-)){0,61}(?<!-)\.)+(?P<top>[A-Za-z]{2,24}))"
)
LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254  # octets; RFC 5321, section 4.5.3.1.3, without the angle brackets


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address as it goes over the wire: the local part as written, the domain in ASCII."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one bare address as a person types it; a domain with ñ becomes its IDNA form.

        Raises InvalidAddress for anything else: a display name, two addresses, control characters.
        """
        address = cls._usual(text) or cls._validated(text)
        refuse_unsafe(str(address))
        return address

    @classmethod
    def _usual(cls, text: str) -> Self | None:
        """An address that needs no second look."""
        found = USUAL.fullmatch(text)
        if not found or len(text) > LONGEST_ADDRESS or len(found["local"]) > LONGEST_LOCAL_PART:
            return None
        domain = found["domain"].lower()
        return None if _is_special(domain) else cls(local=found["local"], domain=domain)

    @classmethod
    def _validated(cls, text: str) -> Self:
        try:
            parsed = validate_email(text.strip(" "), check_deliverability=False, strict=True)
        except EmailNotValidError as error:
            raise InvalidAddress(f"This is no e-mail address: {error}") from None
        return cls(local=parsed.local_part, domain=parsed.ascii_domain.lower())

    @property
    def normalised(self) -> str:
        """The form to compare and to keep; nobody has two mailboxes that differ in case."""
        return f"{self.local.lower()}@{self.domain}"

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def _is_special(domain: str) -> bool:
    """Whether the name is reserved, so that no mail can reach it."""
    return any(
        domain == name or domain.endswith(f".{name}")
        for name in email_validator.SPECIAL_USE_DOMAIN_NAMES
    )


def normalised(address: str) -> str:
    """`address` trimmed, in lower case, its domain in ASCII; raises InvalidAddress."""
    return EmailAddress.parse(address).normalised


def comparable(address: str) -> str:
    """`normalised` for what others wrote: for an address the same, for anything else its letters in lower case; never raises.

    `ana@peñalba.example` and `ana@xn--pealba-xwa.example` are one address: programs write now this, now that.
    """
    text = address.strip().lower()
    if text.isascii():
        return text
    local, at, domain = text.rpartition("@")
    try:
        host = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        host = domain
    return f"{unicodedata.normalize('NFC', local)}{at}{host}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who a message is from and for; an empty sender asks for no bounces.

    `has_utf8_headers` is for messages whose headers hold raw UTF-8 (`not head.isascii()`).
    """

    sender: str
    recipients: tuple[str, ...]
    has_utf8_headers: bool = False

    def __post_init__(self) -> None:
        if not self.recipients:
            raise InvalidAddress("There is nobody to send to.")
        for address in (self.sender, *self.recipients):
            refuse_unsafe(address)
        if not all(self.recipients):
            raise InvalidAddress("A recipient's address is empty.")

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) can take it: ñ before the @."""
        return self.has_utf8_headers or not all(
            address.isascii() for address in (self.sender, *self.recipients)
        )


def refuse_unsafe(address: str) -> None:
    """The last wall before the wire: what could end the address or the command is refused."""
    if len(address.encode("utf-8", "replace")) > LONGEST_ADDRESS:
        raise InvalidAddress("The address is too long.")
    if PLAIN.fullmatch(address):
        return
    for character in address:
        # C: control, format and lone surrogates; Z: every kind of space and line end.
        if character in "<>" or unicodedata.category(character)[0] in "CZ":
            raise InvalidAddress("The address holds a character that no address can have.")
