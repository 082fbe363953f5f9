"""The standard library's reading of messages that are broken (its `compat32`, which repairs instead of raising)."""

import email
import email.header
import email.utils
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from functools import cached_property

SHOWN_OF_BROKEN = 20_000  # bytes
MOST_PARTS = 20_000
ADDRESS = re.compile(r"[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
BULK = {"bulk", "junk", "list", "auto_reply"}
AUTOMATIC_FIELDS = ("list-", "x-autoreply", "x-autorespond", "x-auto-reply", "x-loop")


@dataclass(frozen=True, slots=True)
class TolerantAddress:
    """The fields of `fast_mail_parser.PyAddress`."""

    display_name: str | None
    address: str


class TolerantFile:
    """The fields of `fast_mail_parser.PyLazyAttachment`."""

    def __init__(self, part: Message) -> None:
        self._part = part
        self.mimetype = part.get_content_type()
        self.filename = _file_name(part)
        content_id = _words(part.get("Content-ID"))
        self.content_id = content_id.strip().strip("<>") or None
        self.disposition = _disposition(part)

    @property
    def encoded_size(self) -> int:
        return len(self.content)

    @cached_property
    def content(self) -> bytes:
        if self.mimetype == "message/rfc822":
            inner = self._part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else inner
            return first.as_bytes() if isinstance(first, Message) else _bytes(self._part)
        return _bytes(self._part)


@dataclass(frozen=True, kw_only=True)
class TolerantMessage:
    """The fields of `fast_mail_parser.PyLazyMail` that are read here."""

    subject: str = ""
    date_parsed: datetime | None = None
    from_: TolerantAddress | None = None
    to: Sequence[TolerantAddress] = ()
    cc: Sequence[TolerantAddress] = ()
    bcc: Sequence[TolerantAddress] = ()
    reply_to: Sequence[TolerantAddress] = ()
    text_plain: Sequence[str] = ()
    text_html: Sequence[str] = ()
    attachments: Sequence[TolerantFile] = ()
    headers: Mapping[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadHeaders:
    """All fields of a message, by their names in lower case."""

    values: dict[str, list[str]]

    @classmethod
    def of(cls, headers: Mapping[str, list[str]]) -> "ReadHeaders":
        values: dict[str, list[str]] = {}
        for name, said in headers.items():
            values.setdefault(name.strip().lower(), []).extend(said)
        return cls(values)

    def first(self, name: str) -> str:
        return (self.values.get(name) or [""])[0]

    @property
    def is_report(self) -> bool:
        """Whether it says how the delivery of another message went (RFC 3464)."""
        kind = self.first("content-type").lower()
        return "multipart/report" in kind and "disposition-notification" not in kind

    @property
    def is_returned(self) -> bool:
        """Whether it says for whom a message has failed, as Exim and Gmail do."""
        return bool(self.first("x-failed-recipients").strip())

    @property
    def is_automatic(self) -> bool:
        """Whether no person wrote it, or not to us alone (RFC 3834, RFC 2919, RFC 2369; Exchange's answers of the absent)."""
        said = self.first("auto-submitted").partition(";")[0].strip().lower()
        return (
            (said not in ("", "no"))
            or "multipart/report" in self.first("content-type").lower()
            or self.first("return-path").strip() == "<>"
            or self.first("precedence").strip().lower() in BULK
            or self.first("x-auto-response-suppress").strip().lower() not in ("", "none")
            or any(name.startswith(AUTOMATIC_FIELDS) for name in self.values)
        )


def read_tolerantly(raw: bytes) -> TolerantMessage:
    """Whatever can be read of these bytes; never raises."""
    try:
        message = email.message_from_bytes(raw)
        return _read(message)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, IndexError):
        # The library stumbles over a few messages (bpo-27321 and its kin): the words are there nevertheless.
        return TolerantMessage(text_plain=[_decoded(raw[:SHOWN_OF_BROKEN], None)])


def _read(message: Message) -> TolerantMessage:
    plain: list[str] = []
    rich: list[str] = []
    files: list[TolerantFile] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and _disposition(part) != "attachment":
            words = _decoded(_bytes(part), _charset(part))
            (plain if kind == "text/plain" else rich).append(words)
        else:
            files.append(TolerantFile(part))
    headers: dict[str, list[str]] = {}
    for name, value in message.items():
        headers.setdefault(name, []).append(_words(value))
    sender = _addresses(message, "From")
    return TolerantMessage(
        subject=_words(message.get("Subject")),
        date_parsed=_date(message),
        from_=sender[0] if sender else None,
        reply_to=_addresses(message, "Reply-To"),
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        bcc=_addresses(message, "Bcc"),
        text_plain=plain,
        text_html=rich,
        attachments=files,
        headers=headers,
    )


def _leaves(message: Message) -> Iterator[Message]:
    """Parts that hold something, in their order; a message in a message is one of them."""
    waiting, count = [message], 0
    while waiting and count < MOST_PARTS:
        part = waiting.pop()
        inner = part.get_payload()
        is_container = part.get_content_maintype() == "multipart"
        if is_container and isinstance(inner, list):
            waiting.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            count += 1
            yield part


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (LookupError, ValueError, TypeError):
        return None


def _decoded(content: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return content.decode(name) if name else content.decode("ascii")
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode("windows-1252", "replace")


def _words(value: object) -> str:
    """A header field as words; what is not encoded by the rules stands as it is."""
    if value is None:
        return ""
    text = str(value)
    try:
        pieces = email.header.decode_header(text)
    except (ValueError, TypeError, email.errors.HeaderParseError):
        return _decoded(text.encode("utf-8", "surrogateescape"), None)
    return "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in pieces
    )


def _addresses(message: Message, name: str) -> list[TolerantAddress]:
    value = message.get(name)
    if value is None:
        return []
    text = str(value)
    found = [
        TolerantAddress(_words(shown) or None, _words(address))
        for shown, address in email.utils.getaddresses([text])
        if "@" in address
    ]
    return found or [TolerantAddress(None, each) for each in ADDRESS.findall(_words(value))]


def _date(message: Message) -> datetime | None:
    try:
        said = email.utils.parsedate_to_datetime(str(message.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _file_name(part: Message) -> str:
    try:
        return _words(part.get_filename() or "")
    except (ValueError, LookupError, TypeError):
        return ""


def _disposition(part: Message) -> str | None:
    said = str(part.get("Content-Disposition") or "").partition(";")[0].strip().lower()
    return said or None
