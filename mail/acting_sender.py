"""Who handed a message in for its author (RFC 5322, section 3.6.2): an assistant, a list, a program."""

import re
from dataclasses import dataclass

IN_BRACKETS = re.compile(r"(?P<name>.*)<\s*(?P<address>[^<>\s]+@[^<>\s]+)\s*>[^<>]*\Z", re.DOTALL)
BARE = re.compile(r"\s*(?P<address>[^\s<>,;:\"()]+@[^\s<>,;:\"()]+)\s*\Z")


@dataclass(frozen=True, slots=True)
class ActingSender:
    """The one of `Sender`, where that is not the one of `From`."""

    name: str
    address: str


def acting_sender(field: str, author: str) -> ActingSender | None:
    """What the decoded field names; None if it is the author, or nobody.

    The address is what stands in brackets last: a name may hold brackets of its own.
    """
    found = IN_BRACKETS.match(field) or BARE.match(field)
    if found is None or found["address"].lower() == author.lower():
        return None
    name = found.groupdict().get("name") or ""
    return ActingSender(" ".join(name.split()).strip("\"' "), found["address"])
