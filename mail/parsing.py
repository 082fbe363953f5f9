"""A message as it came from a mailbox: who, what, when, and the files in it. Whatever the bytes are, this does not raise.

`fast_mail_parser` reads what is written by the rules, the standard library what is not. Both number the files alike: every
part that is no body, in the order in which they stand, from 1. A message inside a message is one file.
"""

import html
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fast_mail_parser import (
    ParseError,
    PyAddress,
    PyLazyAttachment,
    PyLazyMail,
    parse_email,
)

from mail.acting_sender import ActingSender, acting_sender
from mail.message_head import HEAD_END, read_head
from mail.tolerant_parsing import (
    ReadHeaders,
    TolerantAddress,
    TolerantFile,
    TolerantMessage,
    read_tolerantly,
)

MOST_FILES = 1_000
MOST_PARTIES = 2_000
MOST_ENCODED_WORDS = 10_000  # of a head (RFC 2047)
LONGEST_TEXT = 2_000_000  # characters; of more, nobody reads the rest
LONGEST_TO_STRIP = 500_000  # characters of HTML whose words are searched
LONGEST_ADDRESS, LONGEST_NAME, LONGEST_SUBJECT = (
    320,
    500,
    2_000,
)  # characters; RFC 5321 for the first
DECODED_TO_COUNT = 1_000_000  # bytes of base64; the size of larger files is reckoned
LINE_BYTES, ENCODED_LINE_BYTES = 57, 78  # of a file, in each line of base64
OLDEST = datetime(1981, 1, 1, tzinfo=UTC)  # before there was e-mail: a clock that was never set
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
STRAY = " \t\r\n<>,;"
PARTY_FIELDS = ("from", "reply_to", "to", "cc", "bcc")
SILENT = re.compile(
    r"<(style|script|head|title|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
BREAK = re.compile(r"<(?:br|p|div|tr|li|h[1-6]|blockquote|table)\b[^<>]*>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]*>")
AUTOMATIC_SENDER = re.compile(r"(?:mailer-daemon|no-?reply|postmaster)@", re.IGNORECASE)
BOUNCING_SENDER = re.compile(r"(?:mailer-daemon|mail-daemon|postmaster)@", re.IGNORECASE)
NOBODY_S = ("", "<>")  # a return path: not known, or nobody's


@dataclass(frozen=True, slots=True)
class ParsedParty:
    """Somebody named in a message; `field` is `from`, `reply_to`, `to`, `cc` or `bcc`."""

    field: str
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file in a message; `part_of` gives its bytes. `size_bytes` is reckoned where it is large."""

    part: int
    file_name: str
    media_type: str
    size_bytes: int
    content_id: str | None
    is_inline: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedMessage:
    """What a message says; ids come in their angle brackets.

    `sent_at` is None where the date cannot be read. `text` is what was written in plain text, or made from `html` where
    nothing was. `sent_by` is who acts for the sender, if anybody does. `headers` has every value of every field, by names in lower case.
    """

    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    content_sha256: bytes
    parties: tuple[ParsedParty, ...]
    subject: str
    sent_at: datetime | None
    text: str
    html: str
    attachments: tuple[ParsedFile, ...]
    is_automatic: bool
    is_bounce: bool
    headers: dict[str, list[str]] = field(repr=False)
    sent_by: ActingSender | None = None

    @property
    def sender(self) -> ParsedParty:
        """Whom it is from; without name and address if it does not say."""
        return next((each for each in self.parties if each.field == "from"), NOBODY)

    @property
    def has_files(self) -> bool:
        """Whether there is something in it that is not a picture of its text."""
        return any(not each.is_inline for each in self.attachments)


NOBODY = ParsedParty("from", "", "")


def parse_message(raw: bytes) -> ParsedMessage:
    """The message of these bytes; what cannot be read is empty, and never an error."""
    head = read_head(raw)
    mail = _read(raw)
    headers = ReadHeaders.of(mail.headers)
    rich = _joined(mail.text_html)
    text = _joined(mail.text_plain).replace("\r\n", "\n")
    parties = tuple(_parties(mail))
    sender = next((each.address for each in parties if each.field == "from"), "")
    is_bounce = (
        headers.is_report
        or headers.is_returned
        or (
            bool(BOUNCING_SENDER.match(sender)) and headers.first("return-path").strip() in NOBODY_S
        )
    )
    return ParsedMessage(
        message_id=_clean(head.message_id),
        in_reply_to=head.in_reply_to,
        references=head.references,
        content_sha256=head.content_sha256,
        parties=parties,
        subject=_one_line(mail.subject, LONGEST_SUBJECT),
        sent_at=_sent_at(mail),
        text=text if text.strip() else plain_words(rich[:LONGEST_TO_STRIP]),
        html=rich,
        attachments=tuple(_files(mail, rich)),
        is_automatic=is_bounce or headers.is_automatic or bool(AUTOMATIC_SENDER.match(sender)),
        is_bounce=is_bounce,
        headers=headers.values,
        sent_by=acting_sender(_one_line(headers.first("sender"), LONGEST_NAME), sender),
    )


def part_of(raw: bytes, part: int) -> bytes:
    """The bytes of the file with this number; empty if there is no such file or nothing of it can be decoded."""
    attachments = _read(raw).attachments
    if not 0 < part <= len(attachments):
        return b""
    try:
        return attachments[part - 1].content
    except ParseError:
        broken = read_tolerantly(raw).attachments
        return broken[part - 1].content if part <= len(broken) else b""


def plain_words(rich: str) -> str:
    """The words of an HTML text, roughly: to be searched and to be shown in a list, not to be read."""
    shown = TAG.sub(" ", BREAK.sub("\n", SILENT.sub(" ", rich)))
    return "\n".join(
        filter(None, (" ".join(line.split()) for line in html.unescape(shown).split("\n")))
    )


def _read(raw: bytes) -> PyLazyMail | TolerantMessage:
    """Which of the two reads a message depends on nothing but its bytes: numbers of files stay."""
    raw = _with_few_words(raw)
    try:
        mail = parse_email(raw, mode="lazy")
    except ParseError:
        return read_tolerantly(raw)
    if any(warning.kind == "charset-fallback" for warning in mail.warnings):
        return read_tolerantly(raw)  # which guesses instead of losing letters
    return mail


def _with_few_words(raw: bytes) -> bytes:
    """A head with encoded words without end stands as it is written: both parsers take longer for each than for the one before."""
    found = HEAD_END.search(raw)
    end = found.start() if found else len(raw)
    if raw.count(b"=?", 0, end) <= MOST_ENCODED_WORDS:
        return raw
    return raw[:end].replace(b"=?", b"=") + raw[end:]


def _parties(mail: PyLazyMail | TolerantMessage) -> list[ParsedParty]:
    senders = [mail.from_] if mail.from_ else []
    named: tuple[Sequence[PyAddress | TolerantAddress], ...]
    named = (senders, mail.reply_to, mail.to, mail.cc, mail.bcc)
    found: list[ParsedParty] = []
    for name, addresses in zip(PARTY_FIELDS, named, strict=True):
        for each in addresses:
            address = _clean(each.address).strip(STRAY)[:LONGEST_ADDRESS]
            if address and len(found) < MOST_PARTIES:
                shown = _one_line(each.display_name or "", LONGEST_NAME)
                found.append(ParsedParty(name, shown.strip("\"' "), address))
    return found


def _files(mail: PyLazyMail | TolerantMessage, rich: str) -> list[ParsedFile]:
    files = []
    attachments: Sequence[PyLazyAttachment | TolerantFile] = mail.attachments
    for number, each in enumerate(attachments[:MOST_FILES], start=1):
        size = each.encoded_size
        if size > DECODED_TO_COUNT:
            size = size * LINE_BYTES // ENCODED_LINE_BYTES
        else:
            with suppress(ParseError):  # else as it stands
                size = len(each.content)
        content_id = _one_line(each.content_id or "", LONGEST_NAME).strip("<> ") or None
        is_inline = content_id is not None and (
            each.disposition == "inline" or f"cid:{content_id}" in rich
        )
        name = _one_line(each.filename, LONGEST_NAME)
        media_type = _one_line(each.mimetype, LONGEST_NAME).lower() or "application/octet-stream"
        files.append(ParsedFile(number, name, media_type, size, content_id, is_inline))
    return files


def _one_line(text: str, longest: int) -> str:
    return " ".join(_clean(text[: 4 * longest]).split())[:longest]


def _joined(texts: Sequence[str]) -> str:
    return _clean("\n".join(each[:LONGEST_TEXT] for each in texts)[:LONGEST_TEXT])


def _sent_at(mail: PyLazyMail | TolerantMessage) -> datetime | None:
    try:
        said = mail.date_parsed
        if said is None or said < OLDEST or said > datetime.now(UTC) + timedelta(days=36_500):
            return None
        return said.astimezone(UTC)
    except (ValueError, OverflowError):
        return None  # a year that no calendar here has


def _clean(text: str) -> str:
    """Without what cannot be stored. Nearly every text can, which its encoding tells soonest."""
    if "\0" not in text and (text.isascii() or _has_utf8(text)):
        return text
    return UNWRITABLE.sub("", text) if UNWRITABLE.search(text) else text


def _has_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
