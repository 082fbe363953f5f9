"""Addresses as people type and paste them: with names, many at once, set apart by commas, semicolons or lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mail.envelope import EmailAddress, comparable
from mail.errors import InvalidAddress
from mail.merge import one_line

MOST_ADDRESSES = 500
LONGEST_LIST = 60_000  # characters
IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>\s*\Z", re.DOTALL)
MAILTO = re.compile(r"mailto:", re.IGNORECASE)


class AddressProblem(StrEnum):
    """Why something that was typed is no address."""

    NO_AT = "no_at"
    TWO_AT = "two_at"
    NOTHING_AFTER = "nothing_after"
    NO_DOT = "no_dot"
    BLANK = "blank"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TypedAddress:
    """One entry: `typed` as it stands there, `address` as it goes over the wire, unless there is a problem."""

    typed: str
    name: str = ""
    address: str = ""
    problem: AddressProblem | None = None

    @property
    def norm(self) -> str:
        """The form to compare."""
        return comparable(self.address)


def read_addresses(text: str) -> list[TypedAddress]:
    """What was typed, each address once; what is none is there with its problem. Never raises."""
    found: dict[str, TypedAddress] = {}
    for piece in _pieces(text[:LONGEST_LIST]):
        entry = _read(piece)
        found.setdefault(entry.norm or entry.typed, entry)
        if len(found) >= MOST_ADDRESSES:
            break
    return list(found.values())


def write_addresses(entries: Sequence[tuple[str, str]]) -> str:
    """Names and addresses as one would type them, so that `read_addresses` finds the same."""
    return ", ".join(
        f"{_quoted(name)} <{address}>" if name else address for name, address in entries
    )


def _quoted(name: str) -> str:
    clean = one_line(name).replace('"', "'").replace("\\", "").strip()
    return f'"{clean}"' if re.search(r"[,;<>@:]", clean) else clean


def _pieces(text: str) -> Iterator[str]:
    """Cut at commas, semicolons and line ends that stand neither in quotes nor in angle brackets."""
    piece, in_quotes, in_brackets = "", False, False
    for sign in text:
        if sign == '"' and not in_brackets:
            in_quotes = not in_quotes
        elif sign == "<" and not in_quotes:
            in_brackets = True
        elif sign == ">" and not in_quotes:
            in_brackets = False
        if sign in "\r\n" or (sign in ",;" and not in_quotes and not in_brackets):
            yield from filter(None, [piece.strip()])
            piece, in_quotes, in_brackets = "", False, False
        else:
            piece += sign
    yield from _several(piece.strip())


def _several(piece: str) -> Iterator[str]:
    """Bare addresses that were pasted with blanks between them."""
    words = piece.split()
    if len(words) > 1 and all("@" in word.strip("<>") for word in words):
        yield from words
    elif piece:
        yield piece


def _read(piece: str) -> TypedAddress:
    parts = IN_BRACKETS.fullmatch(piece)
    name, bare = (parts["name"], parts["address"]) if parts else ("", piece)
    bare = MAILTO.sub("", bare.strip().strip("<>"), count=1)
    name = one_line(name).strip().strip("\"'").strip()
    try:
        address = str(EmailAddress.parse(bare))
    except InvalidAddress:
        return TypedAddress(one_line(piece).strip(), name, problem=_problem_of(bare))
    return TypedAddress(one_line(piece).strip(), name, address)


def _problem_of(bare: str) -> AddressProblem:
    local, at, domain = bare.partition("@")
    if not at:
        return AddressProblem.NO_AT
    if "@" in domain:
        return AddressProblem.TWO_AT
    if not local or not domain:
        return AddressProblem.NOTHING_AFTER
    if re.search(r"\s", bare):
        return AddressProblem.BLANK
    return AddressProblem.OTHER if "." in domain else AddressProblem.NO_DOT
