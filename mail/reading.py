"""A frozen message read back, as its reader will see it."""

import base64
import binascii
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import Parser

from mail.errors import RenderError
from mail.mime import Head, assemble, unstuffed

LINE_BYTES = 57  # of a file, in each line of 78 bytes of base64
ENCODED_LINE_BYTES = 78
LONGEST_PART_HEADER = 4_000  # bytes


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """Header fields as words, and both versions of the text; `html` is empty where there is none."""

    sender: str
    to: str
    cc: str
    reply_to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class PartHeader:
    """What an attachment says about itself; `size_bytes` is the header's own."""

    filename: str
    media_type: str
    size_bytes: int

    def file_bytes(self, part_bytes: int) -> int:
        """About how large the file is in a part of this size."""
        return max(0, (part_bytes - self.size_bytes) * LINE_BYTES // ENCODED_LINE_BYTES)


def read_message(stored_head: bytes) -> ReadMessage:
    """The message of a stored head; raises RenderError if it was damaged."""
    head = Head.stored(stored_head)
    message = _parsed(unstuffed(b"".join(assemble(head, []))))
    return ReadMessage(
        sender=_field(message, "From"),
        to=_field(message, "To"),
        cc=_field(message, "Cc"),
        reply_to=_field(message, "Reply-To"),
        subject=_field(message, "Subject"),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def read_part_header(start: bytes) -> PartHeader:
    """From the first bytes of a stored part (LONGEST_PART_HEADER are enough)."""
    header, end, _rest = start.partition(b"\r\n\r\n")
    part = _parsed(header + b"\r\n\r\n")
    return PartHeader(part.get_filename() or "", part.get_content_type(), len(header) + len(end))


def file_of_part(part: bytes) -> bytes:
    """The file that a stored part carries; raises RenderError if it was damaged."""
    try:
        return base64.b64decode(part.partition(b"\r\n\r\n")[2])
    except binascii.Error as error:
        raise RenderError("The stored attachment is damaged.") from error


def _parsed(message: bytes) -> EmailMessage:
    # As text, since addresses with ñ stand in UTF-8 as they are (RFC 6532); bodies are ASCII.
    text = message.decode("utf-8", "replace")
    return Parser(policy=policy.default).parsestr(text)


def _field(message: EmailMessage, name: str) -> str:
    return str(message[name] or "")


def _body(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    if body is None:
        return ""
    content: str = body.get_content()
    return content.replace("\r\n", "\n")
