"""Senders who look like somebody else: a name that holds another address, a domain that resembles a known one."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from mail.envelope import comparable

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Letters and pairs that are read as another; from the Unicode list of confusables, what occurs in domains.
LIKE = str.maketrans(
    {
        **dict(zip("авсеоркхуіјѕԁһӏ", "abceopkxyijsdhl", strict=True)),  # Cyrillic
        **dict(zip("αοιρτνκχ", "aoiptvkx", strict=True)),  # Greek
        **dict(zip("0135", "oles", strict=True)),
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
    }
)
PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("ii", "u"))
LEAST_LENGTH = 5  # of a domain: among shorter ones a letter more or less proves nothing


class DoubtKind(StrEnum):
    """What is odd about a sender."""

    NAME_HAS_ADDRESS = "name_has_address"
    LOOKS_LIKE = "looks_like"


@dataclass(frozen=True, slots=True)
class SenderDoubt:
    """`seems` is whom one would take them for, `really` who it is."""

    kind: DoubtKind
    seems: str
    really: str


def doubts_about(name: str, address: str, known_domains: Collection[str]) -> list[SenderDoubt]:
    """What to warn of; `known_domains` are our own and our customers', in lower case."""
    found = []
    really = address.lower()
    for other in ADDRESS.findall(name.lower()):
        if comparable(other) != comparable(really):
            found.append(SenderDoubt(DoubtKind.NAME_HAS_ADDRESS, other, really))
            break
    domain = readable_domain(really.rpartition("@")[2])
    known = {readable_domain(each) for each in known_domains}
    if domain and domain not in known:
        like = next((each for each in known if _resemble(domain, each)), None)
        if like is not None:
            found.append(SenderDoubt(DoubtKind.LOOKS_LIKE, like, domain))
    return found


def readable_domain(domain: str) -> str:
    """With its letters instead of `xn--` (RFC 5891), where that can be read."""
    try:
        return domain.encode("ascii").decode("idna").lower() if "xn--" in domain else domain.lower()
    except (UnicodeError, ValueError):
        return domain.lower()


def _resemble(domain: str, known: str) -> bool:
    if domain == known or min(len(domain), len(known)) < LEAST_LENGTH:
        return False
    if domain.endswith(f".{known}"):
        return False  # theirs
    return _skeleton(domain) == _skeleton(known) or _is_one_edit(domain, known)


def _skeleton(domain: str) -> str:
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", domain) if not unicodedata.combining(sign)
    ).translate(LIKE)
    for pair, single in PAIRS:
        plain = plain.replace(pair, single)
    return plain.replace("-", "")


def _is_one_edit(one: str, other: str) -> bool:
    """One letter more, less, another, or two in the other order; the ending counts as a whole."""
    name, _dot, ending = one.rpartition(".")
    other_name, _dot, other_ending = other.rpartition(".")
    if ending != other_ending:
        return name == other_name and len(name) >= LEAST_LENGTH
    if len(name) > len(other_name):
        name, other_name = other_name, name
    if len(other_name) - len(name) > 1 or len(name) < LEAST_LENGTH:
        return False
    at = next(
        (n for n, (a, b) in enumerate(zip(name, other_name, strict=False)) if a != b), len(name)
    )
    if len(name) < len(other_name):
        return name[at:] == other_name[at + 1 :]
    if name[at + 1 :] == other_name[at + 1 :]:
        return True
    return (
        name[at + 2 :] == other_name[at + 2 :]
        and name[at : at + 2] == other_name[at : at + 2][::-1]
    )
