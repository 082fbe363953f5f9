"""A message as it arrived, taken apart by nothing but its own bytes and the standard library."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import Parser

from mail.mime import is_picture, pictures_boundary
from mail.reading import ReadMessage

BOUNDARY = re.compile(rb'Content-Type: multipart/mixed;\r\n boundary="(=_m_[0-9a-f]{32})"\r\n')
ALLOWED = {"NonASCIILocalPartDefect"}  # ñ before the @: RFC 6532 is younger than the parser
LINK = re.compile(r"https?://[^\s\"'<>]+")


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """An attachment, decoded."""

    filename: str
    media_type: str
    sha256: str


@dataclass(frozen=True)
class Arrival:
    """What a reader's program makes of the bytes; `defects` are its complaints."""

    read: ReadMessage
    files: Sequence[ArrivedFile]
    links: frozenset[str]
    defects: Sequence[str]


def read_arrival(raw: bytes) -> Arrival:
    """The message, as the standard library understands it."""
    text = raw.decode("utf-8", "replace")  # addresses with ñ stand as they are (RFC 6532)
    message = Parser(policy=policy.default).parsestr(text)
    plain, rich = _body(message, "plain"), _body(message, "html")
    read = ReadMessage(
        sender=_field(message, "From"),
        to=_field(message, "To"),
        cc=_field(message, "Cc"),
        reply_to=_field(message, "Reply-To"),
        subject=_field(message, "Subject"),
        text=plain,
        html=rich,
    )
    return Arrival(
        read=read,
        files=[_file(part) for part in message.iter_attachments()],
        links=frozenset(LINK.findall(plain)) | frozenset(LINK.findall(rich.replace("&amp;", "&"))),
        defects=[name for name in _defects(message) if name not in ALLOWED],
    )


def taken_apart(raw: bytes) -> tuple[bytes, list[bytes]]:
    """What comes before the attachments, and each of them as a part of its own; `put_together` is the way back.

    A message that is not one of ours comes back whole.
    """
    found = BOUNDARY.search(raw)
    if found is None:
        return raw, []
    begin = b"--%s\r\n" % found[1]
    top, _first, rest = raw.partition(begin)
    own, *parts = rest.split(begin)
    if parts:
        parts[-1] = parts[-1].removesuffix(_end(found[1]))
    else:
        own = own.removesuffix(_end(found[1]))
    among = pictures_boundary(found[1])
    if own.endswith(_end(among)):
        start, *shown = own.removesuffix(_end(among)).split(b"--%s\r\n" % among)
        own = start + b"--%s\r\n" % among + shown[0] if shown else start
        parts = shown[1:] + parts
    head = top + begin + own
    return (head, parts) if put_together(head, parts) == raw else (raw, [])


def put_together(head: bytes, parts: Sequence[bytes]) -> bytes:
    """All bytes of a message that was taken apart."""
    found = BOUNDARY.search(head)
    if found is None or head.endswith(_end(found[1])):
        return head
    pieces, files, among = [head], parts, pictures_boundary(found[1])
    if b"--%s\r\n" % among in head:
        pieces += _fenced(filter(is_picture, parts), among)
        files = [part for part in parts if not is_picture(part)]
    return b"".join(pieces + _fenced(files, found[1]))


def _fenced(parts: Iterable[bytes], boundary: bytes) -> list[bytes]:
    return [*(b"--%s\r\n" % boundary + part for part in parts), _end(boundary)]


def _end(boundary: bytes) -> bytes:
    return b"--%s--\r\n" % boundary


def _defects(message: EmailMessage) -> Iterator[str]:
    for part in message.walk():
        for defect in part.defects:
            yield type(defect).__name__
        for value in part.values():
            for defect in getattr(value, "defects", ()):
                yield type(defect).__name__


def _file(part: EmailMessage) -> ArrivedFile:
    content = part.get_payload(decode=True) or b""
    sha256 = hashlib.sha256(content).hexdigest()  # type: ignore[arg-type]  # bytes, since it is decoded
    return ArrivedFile(part.get_filename() or "", part.get_content_type(), sha256)


def _field(message: EmailMessage, name: str) -> str:
    return str(message[name] or "")


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    content: str = body.get_content()
    return content.replace("\r\n", "\n")
