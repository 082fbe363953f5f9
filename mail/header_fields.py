"""Single header fields as bytes: encoded, folded, ended by CRLF.

Every value passes `refuse_controls`, so no value can begin another header (RFC 5322, 2047, 2231).
"""

import base64
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Self
from urllib.parse import quote

from mail.envelope import EmailAddress
from mail.errors import UnsafeHeader
from mail.merge import one_line

LINE = 76  # characters; RFC 2047 allows no more on a line with an encoded word
LONGEST_WORD = 500  # a word that cannot be folded; a line may have 998 characters at most
ENCODED_WORD_BYTES = 45  # of UTF-8 in one encoded word; 60 characters in base64
LONGEST_FILE_NAME = 200  # bytes of UTF-8; 600 characters when each is escaped

FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")
TOKEN = re.compile(r"[A-Za-z0-9._-]{1,200}")
URL = re.compile(r"(?:https?://|mailto:)[!-;=?-~]{1,800}")
LIST_ID = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,100}")
# What may stand unescaped in an encoded word, wherever it stands (RFC 2047, section 5).
PLAIN_IN_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name that people see."""

    address: str
    name: str = ""

    @classmethod
    def of(cls, address: str, name: str) -> Self:
        """With a name as it is stored: line ends and control characters in it become blanks."""
        return cls(address, one_line(name))


def refuse_controls(value: str) -> None:
    """Raise UnsafeHeader for line ends and other control characters of any alphabet."""
    for character in value:
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            raise UnsafeHeader("A header cannot hold line ends or control characters.")


def text_field(name: str, text: str) -> bytes:
    """A field of free text, such as Subject."""
    refuse_controls(text)
    if _needs_encoding(text):
        return _field(name, _folded_words(text, first_room=LINE - len(name) - 2))
    return _field(name, _folded_plain(text, room=LINE - len(name) - 2))


def mailboxes_field(name: str, mailboxes: Sequence[Mailbox]) -> bytes:
    """From, To, Cc, Reply-To: each mailbox on a line of its own."""
    return _field(name, ",\r\n ".join(_mailbox(mailbox, name) for mailbox in mailboxes))


def message_ids_field(name: str, message_ids: Sequence[str]) -> bytes:
    """Message-ID, In-Reply-To, References; each id with its angle brackets."""
    for message_id in message_ids:
        if not MESSAGE_ID.fullmatch(message_id) or len(message_id) > LONGEST_WORD:
            raise UnsafeHeader("A message id has the form <left@right>, in ASCII.")
    return _field(name, "\r\n ".join(message_ids))


def date_field(moment: datetime) -> bytes:
    """Date; the moment must know its time zone."""
    if moment.tzinfo is None:
        raise ValueError("the date of a message needs a time zone")
    return _field("Date", format_datetime(moment.astimezone(UTC)))


def token_field(name: str, token: str) -> bytes:
    """A field with one machine-readable word."""
    if not TOKEN.fullmatch(token):
        raise UnsafeHeader(f"{name} takes letters, digits, dots and dashes only.")
    return _field(name, token)


def urls_field(name: str, urls: Sequence[str]) -> bytes:
    """List-Unsubscribe and its kin (RFC 2369): each address in angle brackets."""
    for url in urls:
        if not URL.fullmatch(url):
            raise UnsafeHeader(f"{name} takes complete web or mailto addresses only.")
    return _field(name, ",\r\n ".join(f"<{url}>" for url in urls))


def list_id_field(list_id: str, description: str = "") -> bytes:
    """List-Id (RFC 2919): `list_id` has the form of a host name."""
    if not LIST_ID.fullmatch(list_id) or len(list_id) > LONGEST_WORD:
        raise UnsafeHeader("A list id has the form of a host name.")
    refuse_controls(description)
    phrase = _phrase(description, room=LINE - len("List-Id: "))
    return _field("List-Id", f"{phrase}\r\n <{list_id}>" if phrase else f"<{list_id}>")


def encodable_type(media_type: str) -> str:
    """What a file is called that travels in base64.

    Messages must not be encoded as such (RFC 2046, 5.2.1), and written anew their signatures would break: they are any file.
    """
    return "application/octet-stream" if media_type.startswith("message/") else media_type


def content_type_field(content_type: str) -> bytes:
    """Content-Type of a file; without parameters."""
    if not CONTENT_TYPE.fullmatch(content_type):
        raise UnsafeHeader("A content type has the form application/pdf.")
    return _field("Content-Type", content_type)


def attachment_field(filename: str) -> bytes:
    """Content-Disposition with the file's name (RFC 2231 when it is not plain ASCII)."""
    refuse_controls(filename)
    if not filename.strip() or "/" in filename or "\\" in filename:
        raise UnsafeHeader("A file name is not empty and has no slashes.")
    if len(filename.encode()) > LONGEST_FILE_NAME:
        raise UnsafeHeader("The file name is too long.")
    # Readers guess differently at quotes, percent signs and "=?" in the plain form.
    if filename.isascii() and not set(filename) & set("\"%'=?"):
        parameter = f'filename="{filename}"'
    else:
        # With a plain filename= beside it, some programs show that one's question marks.
        parameter = f"filename*=UTF-8''{quote(filename, safe='')}"
    return _field("Content-Disposition", f"attachment;\r\n {parameter}")


def _field(name: str, folded: str) -> bytes:
    if not FIELD_NAME.fullmatch(name):
        raise UnsafeHeader("A header's name has letters, digits and dashes only.")
    return f"{name}: {folded}\r\n".encode()


def _needs_encoding(text: str) -> bool:
    return (
        not text.isascii()
        or "=?" in text
        or text != text.strip()
        or any(len(word) > LONGEST_WORD for word in text.split(" "))
    )


def _folded_plain(text: str, *, room: int) -> str:
    """Break before single spaces; two in a row stay together, lest a line is empty."""
    lines = [""]
    for word in re.split(r"(?<=[^ ]) (?=[^ ])", text):
        if not lines[-1]:
            lines[-1] = word
        elif len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += " " + word
        else:
            lines.append(word)
            room = LINE - 1
    return "\r\n ".join(lines)


def _folded_words(text: str, *, first_room: int) -> str:
    return "\r\n ".join(_encoded_words(text, first_room=first_room))


def _encoded_words(text: str, *, first_room: int) -> Iterator[str]:
    """Split between characters, so that each word can be read alone."""
    quoted = {character: _quoted(character) for character in set(text)}
    as_quoted = sum(len(quoted[character]) for character in text)
    is_quoted = as_quoted <= len(text.encode()) * 4 / 3
    room, size, word = first_room, 0, ""
    for character in text:
        cost = len(quoted[character]) if is_quoted else len(character.encode())
        limit = room - len("=?utf-8?q??=")
        if not is_quoted:
            limit = limit // 4 * 3
        if word and size + cost > min(limit, ENCODED_WORD_BYTES if not is_quoted else 63):
            yield _encoded_word(word, is_quoted=is_quoted)
            room, size, word = LINE - 1, 0, ""
        word += character
        size += cost
    if word:
        yield _encoded_word(word, is_quoted=is_quoted)


def _encoded_word(text: str, *, is_quoted: bool) -> str:
    if is_quoted:
        return f"=?utf-8?q?{''.join(map(_quoted, text))}?="
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def _quoted(character: str) -> str:
    if character == " ":
        return "_"
    return "".join(
        chr(byte) if byte in PLAIN_IN_WORD else f"={byte:02X}" for byte in character.encode()
    )


def _mailbox(mailbox: Mailbox, field_name: str) -> str:
    address = EmailAddress.parse(mailbox.address)
    refuse_controls(mailbox.name)
    phrase = _phrase(" ".join(mailbox.name.split()), room=LINE - len(field_name) - 2)
    if not phrase:
        return str(address)
    last_line = phrase.rpartition("\r\n")[2]
    fits = len(last_line) + len(str(address)) + 4 <= LINE - len(field_name)
    return f"{phrase} <{address}>" if fits else f"{phrase}\r\n <{address}>"


def _phrase(text: str, *, room: int) -> str:
    """A display name: as it is, in quotes, or in encoded words."""
    if not text:
        return ""
    if _needs_encoding(text) or len(text) > room - 4:
        return _folded_words(text, first_room=room)
    if ATOMS.fullmatch(text):
        return text
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'
