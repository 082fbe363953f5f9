"""By what a message that comes back names one of ours: its Message-ID, or the field that relays leave alone."""

import re
from collections.abc import Iterable
from uuid import UUID

KEY = rb"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
OWN_ID = re.compile(rb"<d\." + KEY + rb"@[^<>\s]{1,255}>", re.IGNORECASE)
# From the surest to the least: a message may name others that went before it.
NAMED = (
    re.compile(rb"^[ \t>]*X-Ventanilla-Delivery:[ \t]*" + KEY, re.IGNORECASE | re.MULTILINE),
    re.compile(
        rb"^[ \t>]*(?:X-Original-|Original-)?Message-ID:\s*<d\." + KEY + rb"@",
        re.IGNORECASE | re.MULTILINE,
    ),
    OWN_ID,
)
MOST = 50


def marks_in_ids(message_ids: Iterable[str]) -> list[UUID]:
    """The public ids of deliveries among Message-IDs (with their angle brackets), in their order."""
    found = (OWN_ID.fullmatch(each.encode("utf-8", "replace")) for each in message_ids)
    return _keys(each[1] for each in found if each is not None)


def marks_in(texts: Iterable[bytes]) -> list[UUID]:
    """The public ids of deliveries that are named the most surely in any of these texts."""
    read = list(texts)
    for pattern in NAMED:
        keys = _keys(each for text in read for each in pattern.findall(text))
        if keys:
            return keys
    return []


def _keys(found: Iterable[bytes]) -> list[UUID]:
    return list(dict.fromkeys(UUID(each.decode("ascii")) for each in found))[:MOST]
