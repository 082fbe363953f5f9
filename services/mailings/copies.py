"""Who gets a copy of a message: contacts who always do, contacts with a role, and addresses of ours (X1-07)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.mailings.delivery_copy import CopyRole
from models.people.contact import CopyMode
from services.mailings.address_book import BookEntry
from services.mailings.objections import parsed

ALWAYS = {CopyMode.CC: CopyRole.CC, CopyMode.BCC: CopyRole.BCC}


@dataclass(frozen=True, slots=True)
class PlannedCopy:
    """One more address of a message."""

    role: CopyRole
    address: str
    address_norm: str
    name: str = ""
    contact_id: int | None = None


@dataclass(frozen=True)
class CopyWish:
    """Who gets copies of a whole mailing: addresses, and contacts by what they do for the customer."""

    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    cc_roles: frozenset[str] = frozenset()
    bcc_roles: frozenset[str] = frozenset()

    def role_of(self, entry: BookEntry) -> CopyRole | None:
        """As what this contact gets a copy, if at all; their own wish comes first."""
        if entry.cc_mode in ALWAYS:
            return ALWAYS[entry.cc_mode]
        if entry.cc_mode is not CopyMode.TO:
            return None
        if entry.roles & self.cc_roles:
            return CopyRole.CC
        return CopyRole.BCC if entry.roles & self.bcc_roles else None

    def of_ours(self) -> list[PlannedCopy]:
        """The addresses that get a copy of every message."""
        return [
            *filter(None, (_to_address(CopyRole.CC, address) for address in self.cc)),
            *filter(None, (_to_address(CopyRole.BCC, address) for address in self.bcc)),
        ]


def to_contact(role: CopyRole, entry: BookEntry) -> PlannedCopy:
    """A copy to a contact whose address is good."""
    address = parsed(entry.address)
    assert address is not None  # there was no objection
    return PlannedCopy(role, str(address), address.normalised, entry.name, entry.contact_id)


def without_doubles(copies: Iterable[PlannedCopy], *, besides: str) -> tuple[PlannedCopy, ...]:
    """Each address once, as what comes first; never the recipient's own."""
    kept: dict[str, PlannedCopy] = {}
    for copy in copies:
        if copy.address_norm != besides:
            kept.setdefault(copy.address_norm, copy)
    return tuple(kept.values())


def _to_address(role: CopyRole, text: str) -> PlannedCopy | None:
    address = parsed(text)
    return PlannedCopy(role, str(address), address.normalised) if address else None
