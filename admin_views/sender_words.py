"""Whom a message is from, in words: with whoever sent it for them (pains D-6)."""

from flask_babel import gettext as _

from models.mailbox.message import Message


def sender_words(message: Message) -> str:
    """The author by name; what another one has sent says so first."""
    author = message.from_name or message.from_address or _("Without sender")
    if not message.sender_address:
        return author
    acting = message.sender_name or message.sender_address
    return _("%(acting)s on behalf of %(author)s", acting=acting, author=author)


def sender_addresses(message: Message) -> str:
    """The addresses behind these names, in the same order."""
    return " · ".join(filter(None, (message.sender_address, message.from_address)))
