"""What FETCH says of messages: flags, sizes, dates, bodies."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from mail.errors import BadReply
from mail.imap_talk import Untagged

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MOST_KEYWORDS, LONGEST_KEYWORD = 50, 100


@dataclass(frozen=True, slots=True)
class FetchedMessage:
    """A message as far as it was asked for; `raw` is None if the server names it without handing it over."""

    uid: int
    flags: tuple[str, ...] | None = None
    size: int | None = None
    received_at: datetime | None = None
    raw: bytes | None = field(default=None, repr=False)
    head_fields: bytes | None = None
    modseq: int | None = None


def read_fetch(said: Untagged) -> FetchedMessage | None:
    """None for what has no UID: a server may mention flags of other messages at any time. Raises BadReply."""
    values = said.values
    if not values or not isinstance(values[0], list):
        raise BadReply("The mail server's answer about a message cannot be read.")
    uid = size = modseq = None
    flags: tuple[str, ...] | None = None
    received_at: datetime | None = None
    raw = head_fields = None
    pairs = values[0]
    if (
        len(pairs) % 2 or len(values) > 1
    ):  # a body that is longer than it was announced looks like this
        raise BadReply("The mail server's answer about a message does not fit together.")
    for name, value in zip(pairs[::2], pairs[1::2], strict=False):
        if not isinstance(name, bytes):
            raise BadReply("The mail server's answer about a message cannot be read.")
        word = name.upper()
        if word == b"UID" and isinstance(value, bytes) and value.isdigit():
            uid = int(value)
        elif word == b"FLAGS" and isinstance(value, list):
            flags = read_flags(value)
        elif word == b"RFC822.SIZE" and isinstance(value, bytes) and value.isdigit():
            size = int(value)
        elif word == b"INTERNALDATE" and isinstance(value, bytes):
            received_at = read_internal_date(value)
        elif word == b"MODSEQ" and isinstance(value, list) and value and value[0].isdigit():
            modseq = int(value[0])
        elif word == b"BODY[]" and isinstance(value, bytes):
            raw = None if value == b"NIL" else value
        elif word.startswith(b"BODY[HEADER") and isinstance(value, bytes):
            head_fields = value
    if uid is None or not 0 < uid < 2**32:
        return None
    return FetchedMessage(uid, flags, size, received_at, raw, head_fields, modseq)


def read_flags(values: list[object]) -> tuple[str, ...]:
    """Flags and keywords; system flags in the usual spelling."""
    words = [each.decode("latin-1") for each in values if isinstance(each, bytes)]
    known = [f"\\{each[1:].capitalize()}" if each.startswith("\\") else each for each in words]
    kept = (each for each in known if len(each) <= LONGEST_KEYWORD and each != "\\Recent")
    return tuple(kept)[:MOST_KEYWORDS]


def read_internal_date(value: bytes) -> datetime | None:
    """`17-Jul-1996 02:44:25 -0700`; None for what is no moment."""
    try:
        day, month, rest = value.decode("ascii").strip().split("-", 2)
        year, clock, zone = rest.split(" ")
        number = MONTHS.index(month.lower()) + 1
        moment = datetime.fromisoformat(
            f"{int(year):04}-{number:02}-{int(day):02}T{clock}{zone[:3]}:{zone[3:]}"
        )
        return moment.astimezone(UTC)
    except (ValueError, IndexError, OverflowError):
        return None
