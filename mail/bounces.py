"""What a message that came back says: who did not get which message, and why (RFC 3464, RFC 3463).

Reports by the standard are read here; `flufl.bounce` knows the many servers that write their own. Strangers' bytes:
read them in a child with limits (`mail/limited_bounces.py`).
"""

import email
import email.utils
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from email.message import Message
from typing import Any, Self
from uuid import UUID

from flufl.bounce import all_failures

from mail.bounce_grades import Grade, grade_of
from mail.delivery_marks import marks_in

STATUS_KINDS = {"message/delivery-status", "message/global-delivery-status"}
READ_BYTES = 4 * 1024 * 1024  # of a returned message, the rest is its files
GUESSED_BYTES = 256 * 1024  # what is written for people stands at the beginning
MOST_PARTS, MOST_FAILURES = 200, 100
LONGEST_DIAGNOSTIC, LONGEST_ADDRESS = 500, 320  # characters
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")
CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")  # no address of a network
SMTP_CODE = re.compile(r"\b([45]\d\d)[\s-]")
UNKNOWN_STATUS = re.compile(r"[45]\.0\.0")


@dataclass(frozen=True, slots=True)
class Failure:
    """Somebody who has not got the message; `addresses` are those by which their server and the sender call them.

    `status` as "5.1.1", `smtp_code` as 550, where the report says so; `diagnostic` is the server's own sentence.
    """

    addresses: tuple[str, ...]
    grade: Grade
    status: str | None
    smtp_code: int | None
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """`deliveries` are the public ids of those of our messages that it names; none where it returns nothing of it."""

    failures: tuple[Failure, ...]
    deliveries: tuple[UUID, ...]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), default=str).encode()

    @classmethod
    def from_json(cls, told: bytes) -> Self:
        """Raises ValueError, KeyError or TypeError for anything that `to_json` has not written."""
        read: dict[str, Any] = json.loads(told)
        return cls(
            tuple(
                Failure(
                    tuple(each["addresses"]),
                    Grade(each["grade"]),
                    each["status"],
                    each["smtp_code"],
                    each["diagnostic"],
                )
                for each in read["failures"]
            ),
            tuple(UUID(each) for each in read["deliveries"]),
        )


def read_bounce(raw: bytes) -> Bounce:
    """What these bytes report; without failures if they report none. Hostile ones may take long."""
    try:
        message = email.message_from_bytes(raw[:READ_BYTES])
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return Bounce((), tuple(marks_in([raw[:READ_BYTES]])))  # nested beyond all sense
    parts = _parts(message)
    failures = list(_reported(parts)) or list(_named_in_header(message)) or list(_guessed(raw))
    return Bounce(tuple(failures[:MOST_FAILURES]), tuple(marks_in(_texts(raw, parts))))


def _parts(message: Message) -> list[Message]:
    """Without recursion, whatever the depth."""
    waiting = [message]
    found: list[Message] = []
    while waiting and len(found) < MOST_PARTS:
        part = waiting.pop()
        found.append(part)
        waiting.extend(reversed(_inner(part)))
    return found


def _inner(part: Message) -> list[Message]:
    """The parts of a part; its words are not touched, since their charset may be none."""
    inner = part.get_payload() if part.is_multipart() else None
    return [each for each in inner or () if isinstance(each, Message)]


def _texts(raw: bytes, parts: Sequence[Message]) -> Iterator[bytes]:
    """The bytes as they came, and what was encoded in them."""
    yield raw[:READ_BYTES]
    for part in parts:
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() in (
            "base64",
            "quoted-printable",
        ):
            yield _content(part)


def _reported(parts: Sequence[Message]) -> Iterator[Failure]:
    for part in parts:
        if part.get_content_type() not in STATUS_KINDS:
            continue
        for block in _blocks(part):
            failure = _of_block(block)
            if failure is not None:
                yield failure


def _blocks(part: Message) -> list[Message]:
    """The groups of fields of a report; the first is about the message, not about a recipient."""
    inner = _inner(part)
    if len(inner) > 1:
        return inner
    # One group, or several that an encoding hides from the library.
    content = inner[0].as_bytes() if inner else _content(part)
    groups = re.split(rb"(?:\r?\n){2,}", content[:READ_BYTES])
    return [email.message_from_bytes(each) for each in groups if each.strip()]


def _of_block(block: Message) -> Failure | None:
    final, original = (
        _typed(_raw_field(block, name)) for name in ("Final-Recipient", "Original-Recipient")
    )
    addresses = tuple(dict.fromkeys(filter(None, (original, final))))
    action = str(block.get("Action", "")).strip().lower()
    if not addresses or action not in ("failed", "delayed"):
        return None
    diagnostic = _one_line(block.get("Diagnostic-Code"))
    said = CODE.search(str(block.get("Status", "")))
    status = said[1] if said else None
    if status is None or UNKNOWN_STATUS.fullmatch(status):  # the server may have said it better
        better = CODE.search(diagnostic)
        status = better[1] if better else status
    return Failure(
        addresses,
        Grade.DELAYED if action == "delayed" else grade_of(status, diagnostic),
        status,
        _smtp_code(diagnostic),
        diagnostic,
    )


def _named_in_header(message: Message) -> Iterator[Failure]:
    """`X-Failed-Recipients`, of Exim and of Gmail: they failed for good."""
    said = " ".join(str(each) for each in message.get_all("X-Failed-Recipients", []))
    if not said:
        return
    words = _first_words(message)
    for address in dict.fromkeys(ADDRESS.findall(said[:10_000])):
        yield _from_words(address, words)


def _guessed(raw: bytes) -> Iterator[Failure]:
    message = email.message_from_bytes(raw[:GUESSED_BYTES])
    try:
        temporary, permanent = all_failures(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return  # some of its detectors stumble over messages that are none
    words = _first_words(message)
    for address in _readable(permanent):
        yield _from_words(address, words)
    for address in _readable(temporary - permanent):
        yield Failure((address,), Grade.DELAYED, None, None, "")


def _from_words(address: str, words: str) -> Failure:
    """The line with a code, if there is one: below the address, or around it."""
    begin = max(words.lower().find(address.lower()), 0)
    near = words[begin : begin + 1_000]
    said = CODE.search(near)
    status = said[1] if said else None
    line = next(
        (each for each in near.split("\n") if CODE.search(each) or SMTP_CODE.search(each)), ""
    )
    diagnostic = _one_line(line)
    return Failure((address,), grade_of(status, near), status, _smtp_code(diagnostic), diagnostic)


def _first_words(message: Message) -> str:
    for part in _parts(message):
        if part.get_content_maintype() == "text":
            return _content(part)[:100_000].decode("utf-8", "replace")
    return ""


def _content(part: Message) -> bytes:
    """Decoded; empty for a part that holds others, or whose encoding is none."""
    try:
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, TypeError):
        return b""
    return content if isinstance(content, bytes) else b""


def _readable(addresses: Iterable[bytes | str]) -> list[str]:
    texts = (
        each.decode("utf-8", "replace") if isinstance(each, bytes) else each for each in addresses
    )
    return sorted(
        each for each in texts if ADDRESS.fullmatch(each) and len(each) <= LONGEST_ADDRESS
    )


def _raw_field(block: Message, name: str) -> str:
    """What stands there in UTF-8, which the library takes for no words at all; empty if the field is not there."""
    fields = ((each.lower(), value) for each, value in block.raw_items())
    said = str(next((value for each, value in fields if each == name.lower()), ""))
    return said.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _typed(value: str) -> str | None:
    """`rfc822; ana@example.com`, `utf-8; jos\\x{E9}@example.com` (RFC 6533); some write it in angle brackets, or without its type."""
    kind, _semicolon, text = value.rpartition(";")
    text = text[: 4 * LONGEST_ADDRESS]
    if "utf-8" in kind.lower():
        text = ESCAPED.sub(_unescaped, text)
    found = ADDRESS.search(text)
    return found[0] if found and len(found[0]) <= LONGEST_ADDRESS else None


def _unescaped(found: re.Match[str]) -> str:
    """A letter by its number; what is none stays as it is written."""
    number = int(found[1], 16)
    is_letter = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return chr(number) if is_letter else found[0]


def _smtp_code(diagnostic: str) -> int | None:
    found = SMTP_CODE.search(f"{diagnostic} ")
    return int(found[1]) if found else None


def _one_line(value: object) -> str:
    text = "" if value is None else str(value)
    if text.lower().startswith(("smtp;", "x-postfix;")):
        text = text.partition(";")[2]
    clean = "".join(each if each.isprintable() else " " for each in text[:5_000])
    return " ".join(clean.split())[:LONGEST_DIAGNOSTIC]
