"""What an IMAP server hands over of a message: marks, size, moment, the whole of it, or its header."""

import re
from datetime import UTC, datetime

from embedded.mail_server.imap_words import Unreadable
from embedded.mail_server.mailboxes import StoredMessage

SECTION = re.compile(r"BODY(?:\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?", re.IGNORECASE)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIELD_END = re.compile(rb"\r\n(?![ \t])")


class Damaged(Exception):
    """What is asked for is no longer there whole (RFC 5530); the message says so."""


def item_of(name: str, uid: int, message: StoredMessage) -> bytes:
    """One thing that is asked for, with its name before it. Raises Unreadable and Damaged."""
    match name.upper():
        case "UID":
            return b"UID %d" % uid
        case "FLAGS":
            return b"FLAGS (%s)" % message.flags.encode()
        case "RFC822.SIZE":
            return b"RFC822.SIZE %d" % message.size_bytes
        case "INTERNALDATE":
            moment = datetime.fromtimestamp(message.received_at, UTC)
            return f'INTERNALDATE "{moment:%d}-{MONTHS[moment.month - 1]}-{moment:%Y %H:%M:%S} +0000"'.encode()
    section = SECTION.fullmatch(name)
    if section is None:
        raise Unreadable(f"Not here: {name}")
    if message.lost_bytes and not section[1].upper().startswith("HEADER"):
        raise Damaged("[CORRUPTION] Only the header of this message is left")
    content, shown = _part_of(section[1], message.raw), f"BODY[{section[1]}]"
    if section[2]:
        first, length = int(section[2]), int(section[3])
        content, shown = content[first : first + length], f"{shown}<{first}>"
    return b"%s {%d}\r\n%s" % (shown.encode(), len(content), content)


def moment_of(text: str) -> datetime:
    """`17-Jul-1996`, or `17-Jul-1996 02:44:25 -0700`; without a zone in UTC. Raises Unreadable."""
    try:
        day, month, rest = text.strip().split("-", 2)
        number = MONTHS.index(month.capitalize()) + 1
        year, _, clock = rest.partition(" ")
        moment = datetime.fromisoformat(f"{int(year):04}-{number:02}-{int(day):02}")
        if not clock:
            return moment.replace(tzinfo=UTC)
        time, zone = clock.split(" ")
        return datetime.fromisoformat(f"{moment:%Y-%m-%d}T{time}{zone[:3]}:{zone[3:]}")
    except ValueError:
        raise Unreadable(f"No date: {text}") from None


def _part_of(section: str, raw: bytes) -> bytes:
    head, gap, text = raw.partition(b"\r\n\r\n")
    kind, _, names = section.partition(" ")
    match kind.upper():
        case "":
            return raw
        case "HEADER":
            return head + gap
        case "TEXT":
            return text
        case "HEADER.FIELDS":
            wanted = {each.encode() for each in names.strip("() ").lower().split()}
            fields = FIELD_END.split(head)
            kept = [each for each in fields if each.partition(b":")[0].lower() in wanted]
            return b"".join(each + b"\r\n" for each in kept) + b"\r\n"
    raise Unreadable("Messages are handed over whole here, or their header.")
