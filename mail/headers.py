"""The header of a message that leaves: which fields there are, in which order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mail.errors import UnsafeHeader
from mail.header_fields import (
    Mailbox,
    date_field,
    list_id_field,
    mailboxes_field,
    message_ids_field,
    text_field,
    token_field,
    urls_field,
)

__all__ = ["Mailbox", "MessageHeaders"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageHeaders:
    """What is written above a message; there is no Bcc, since the envelope says who gets it.

    Message ids come with their angle brackets. `date` is left out where `assemble` writes it. `delivery_id` is the public id of the delivery and
    survives relays that write a Message-ID of their own. `auto_submitted` is "auto-generated" for
    mail that no person wrote (RFC 3834). `unsubscribe_urls` with `unsubscribes_by_post` offers
    the one click of RFC 8058.
    """

    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    message_id: str
    date: datetime | None = None
    reply_to: Mailbox | None = None
    cc: tuple[Mailbox, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    delivery_id: str | None = None
    auto_submitted: str | None = None
    list_id: str | None = None
    list_name: str = ""
    unsubscribe_urls: tuple[str, ...] = ()
    unsubscribes_by_post: bool = False

    def as_bytes(self) -> bytes:
        """The folded fields, each ended by CRLF; raises UnsafeHeader or InvalidAddress."""
        if not self.to and not self.cc:
            raise UnsafeHeader("A message needs somebody to go to.")
        return b"".join(self._fields())

    def _fields(self) -> Iterator[bytes]:
        if self.date:
            yield date_field(self.date)
        yield mailboxes_field("From", [self.sender])
        if self.reply_to:
            yield mailboxes_field("Reply-To", [self.reply_to])
        if self.to:
            yield mailboxes_field("To", self.to)
        if self.cc:
            yield mailboxes_field("Cc", self.cc)
        yield text_field("Subject", self.subject)
        yield message_ids_field("Message-ID", [self.message_id])
        if self.in_reply_to:
            yield message_ids_field("In-Reply-To", [self.in_reply_to])
        if self.references:
            yield message_ids_field("References", self.references)
        if self.list_id:
            yield list_id_field(self.list_id, self.list_name)
        if self.unsubscribe_urls:
            yield urls_field("List-Unsubscribe", self.unsubscribe_urls)
            if self.unsubscribes_by_post:
                yield text_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        if self.auto_submitted:
            yield token_field("Auto-Submitted", self.auto_submitted)
        if self.delivery_id:
            yield token_field("X-Ventanilla-Delivery", self.delivery_id)
