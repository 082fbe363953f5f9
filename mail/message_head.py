"""The fields above a message as its bytes have them: what tells one message from another (RFC 5322, section 3.6).

A parser decodes and repairs, and the next one differently; names and hashes of messages must not change with it.
"""

import hashlib
import re
from dataclasses import dataclass

HEAD_END = re.compile(rb"\r?\n\r?\n")
MESSAGE_ID = re.compile(rb"<([^<>\x00-\x20\x7f]+)>")
LONE_RETURN = re.compile(rb"\r(?!\n)")
LONGEST_ID = 500  # bytes
MOST_REFERENCES = 100
# What a reader sees of a message, or goes by. Not what servers write on its way: that differs from mailbox to mailbox.
# Bcc is in the sender's own copy only, which is another message: whoever gets the other must not see it.
SAYS_WHO_IT_IS = (
    *(b"from", b"sender", b"reply-to", b"to", b"cc", b"bcc", b"subject", b"date", b"message-id"),
    *(b"in-reply-to", b"references", b"content-type", b"content-transfer-encoding"),
)
FIELD = re.compile(
    rb"^(%s)[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)" % b"|".join(SAYS_WHO_IT_IS),
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class MessageHead:
    """The ids of a message in their angle brackets, and the SHA-256 of its content."""

    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    content_sha256: bytes


def read_head(raw: bytes) -> MessageHead:
    """Never raises: a message without an id gets one that is made of its content, the same each time."""
    found = HEAD_END.search(raw)
    head = raw[: found.start()] if found else raw
    fields: dict[bytes, bytes] = {}
    for name, value in FIELD.findall(head):
        fields.setdefault(name.lower(), b" ".join(value.split()))
    digest = _digest(fields, raw[found.end() :] if found else b"")
    own = _ids(fields.get(b"message-id", b""))
    answered = _ids(fields.get(b"in-reply-to", b""))
    references = _ids(fields.get(b"references", b""))
    if (
        len(references) > MOST_REFERENCES
    ):  # the first began the conversation, the last are the nearest
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    return MessageHead(
        message_id=own[0] if own else f"<{digest.hex()[:40]}@without-id.invalid>",
        in_reply_to=answered[0] if answered else None,
        references=tuple(dict.fromkeys([*references, *answered[:1]])),
        content_sha256=digest,
    )


def _digest(fields: dict[bytes, bytes], body: bytes) -> bytes:
    """Line ends and empty lines at the end do not count: some servers change them."""
    digest = hashlib.sha256()
    for name in SAYS_WHO_IT_IS:
        digest.update(name + b":" + fields.get(name, b"") + b"\n")
    digest.update(_with_plain_ends(body).rstrip(b"\n"))
    return digest.digest()


def _with_plain_ends(body: bytes) -> bytes:
    """CRLF becomes LF; where every CR belongs to one, all CRs are dropped instead, which takes a third of the time."""
    if LONE_RETURN.search(body):
        return body.replace(b"\r\n", b"\n")
    return body.replace(b"\r", b"")


def _ids(value: bytes) -> list[str]:
    found = [each for each in MESSAGE_ID.findall(value) if len(each) <= LONGEST_ID]
    return [f"<{each.decode('utf-8', 'replace')}>" for each in found]
