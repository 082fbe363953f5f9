"""How a message brings its documents: attached, as links, or both; as links alone when it would be too large."""

from mail.headers import Mailbox
from models.mailings.mailing import AttachMode, Mailing
from services.mailbox.sender_fields import SenderWords
from services.mailbox.server_limits import largest_message_of
from services.mailings.attachments import Attachments
from services.mailings.audience import PlannedMessage
from services.mailings.document_links import wants_links
from services.mailings.message import LARGEST_MESSAGE, FrozenMessage, freeze
from services.portal.share_links import new_links


def pack(
    planned: PlannedMessage,
    found: Attachments,
    *,
    mailing: Mailing,
    sender: SenderWords,
    base_url: str,
    subject_prefix: str = "",
    to: Mailbox | None = None,
) -> FrozenMessage:
    """The frozen message with its documents, all of which could be drawn. Raises MailError."""
    named = [(document.id, document.label) for document in planned.documents]
    links = new_links(named, base_url) if wants_links(mailing) else []
    is_linked = mailing.attach_mode is AttachMode.LINK
    parts = [] if is_linked else found.of(key for key, _label in named)
    while True:
        message = freeze(
            planned,
            mailing=mailing,
            account=mailing.account,
            sender=sender,
            parts=parts,
            links=links,
            subject_prefix=subject_prefix,
            to=to,
        )
        if not parts or message.size_bytes <= largest_of(mailing):
            return message
        parts, links = [], links or new_links(named, base_url)


def largest_of(mailing: Mailing) -> int:
    """The largest message, in bytes, that the account's server takes."""
    return largest_message_of(mailing.account, LARGEST_MESSAGE)
