"""A message that is still being written, as the drafts of a mailbox keep it: it may have no recipient yet, and shows its blind copies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP

from mail.header_fields import (
    Mailbox,
    date_field,
    encodable_type,
    mailboxes_field,
    message_ids_field,
    text_field,
)
from mail.pictures import Picture


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class DraftMessage:
    """What stands in it; without `html` it is plain text."""

    sender: Mailbox
    subject: str
    message_id: str
    date: datetime
    to: Sequence[Mailbox] = ()
    cc: Sequence[Mailbox] = ()
    bcc: Sequence[Mailbox] = ()
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    text: str = ""
    html: str = ""
    pictures: Sequence[Picture] = ()
    files: Sequence[DraftFile] = ()

    def as_bytes(self) -> bytes:
        """RFC 5322, with CRLF. Raises MailError for a field that cannot be written."""
        fields = [date_field(self.date), mailboxes_field("From", [self.sender])]
        for name, people in (("To", self.to), ("Cc", self.cc), ("Bcc", self.bcc)):
            if people:
                fields.append(mailboxes_field(name, people))
        fields.append(text_field("Subject", self.subject))
        fields.append(message_ids_field("Message-ID", [self.message_id]))
        if self.in_reply_to:
            fields.append(message_ids_field("In-Reply-To", [self.in_reply_to]))
        if self.references:
            fields.append(message_ids_field("References", self.references))
        return b"".join(fields) + self._body().as_bytes(policy=SMTP)

    def _body(self) -> EmailMessage:
        body = EmailMessage(policy=SMTP)
        body.set_content(_writable(self.text))
        if self.html:
            body.add_alternative(_writable(self.html), subtype="html")
            [*_plain, rich] = body.iter_parts()
            for picture in self.pictures:
                kind, _slash, subtype = picture.media_type.partition("/")
                rich.add_related(
                    picture.content,
                    kind,
                    subtype,
                    cid=f"<{picture.content_id}>",
                    disposition="inline",
                )
        for file in self.files:
            kind, _slash, subtype = encodable_type(file.media_type).partition("/")
            body.add_attachment(file.content, kind, subtype or "octet-stream", filename=file.name)
        return body


def _writable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
