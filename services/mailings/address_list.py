"""E-mail addresses as people paste them: from a sheet, from another mail, with names or without (X1-07)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mail.envelope import EmailAddress
from mail.errors import InvalidAddress

MOST_ADDRESSES = 50
LONGEST_LIST = 20_000  # characters
# A line in pieces; what stands in quotes or in angle brackets belongs together.
PIECE = re.compile(r'"(?:[^"\\]|\\.)*+"|<[^<>]*+>|[^\t;,"<]++|[\t;,]|["<]')
PIECE_WITHOUT_QUOTES = re.compile(r"<[^<>]*+>|[^\t;,<]++|[\t;,]|<")
SEPARATORS = {"\t", ";", ","}
IN_BRACKETS = re.compile(r"<([^<>]*)>\s*$")


@dataclass(frozen=True)
class AddressList:
    """The addresses, each once; and what was meant as one and is none."""

    addresses: Sequence[str] = ()
    wrong: Sequence[str] = ()

    @property
    def is_too_long(self) -> bool:
        return len(self.addresses) > MOST_ADDRESSES


def addresses_in(text: str) -> AddressList:
    """Read a list with commas, semicolons, tabs or lines between; a name beside an address is left away."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    for line in text.replace("\r", "\n").split("\n"):
        cells = [cell.strip() for cell in _cells(line) if cell.strip()]
        has_address = any("@" in cell for cell in cells)
        for cell in cells:
            if "@" not in cell and has_address:
                continue  # a row of a sheet: who it is, and what else one knows of them
            for word in _words(cell):
                try:
                    address = EmailAddress.parse(word)
                except InvalidAddress:
                    wrong.append(word)
                else:
                    found.setdefault(address.normalised, str(address))
    return AddressList(tuple(found.values()), tuple(dict.fromkeys(wrong)))


def _cells(line: str) -> Iterator[str]:
    """What stands between the separators. After a quote that nothing closes no later one is closed, so each is
    looked at once: a search from each of them would take time by the square of the length.
    """
    piece, begin, place = PIECE, 0, 0
    while found := piece.match(line, place):
        if found[0] in SEPARATORS:
            yield line[begin:place]
            begin = found.end()
        elif found[0] == '"':
            piece = PIECE_WITHOUT_QUOTES
        place = found.end()
    yield line[begin:]


def _words(cell: str) -> list[str]:
    """`Name <address>` is an address; `one@a.test two@b.test` are two."""
    in_brackets = IN_BRACKETS.search(cell)
    if in_brackets:
        return [in_brackets[1].strip().removeprefix("mailto:")]
    words = cell.split()
    if len(words) > 1 and all("@" in word for word in words):
        return words
    return [cell.removeprefix("mailto:")]
