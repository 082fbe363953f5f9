"""The messages with a customer, or with a contact, as their page lists them: each leads to its conversation (S3-25)."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import number
from admin_views.screens.mail_door import allows
from admin_views.screens.mail_folders import dot_of
from admin_views.screens.mail_times import MailTimes, mail_times
from admin_views.sender_words import sender_words
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.people.contact import Contact
from models.people.customer import Customer
from models.states import state_word
from services.mailbox.customer_messages import (
    CustomerMessage,
    CustomerMessages,
    messages_with_contact,
    messages_with_customer,
)
from services.mailbox.mail_place import Mailboxes, mailboxes_of


@dataclass(frozen=True, kw_only=True)
class MessageRow:
    """A message of the list."""

    url: str
    icon: str
    way: str
    who: str
    subject: str
    snippet: str
    time: str
    exact_time: str
    dot: str
    account: str
    folder: str
    has_files: bool
    is_unread: bool


def messages_url(customer: Customer) -> str:
    return url_for("customer.messages_view", id=customer.id)


def contact_messages_url(contact: Contact) -> str:
    return url_for("contact.messages_view", id=contact.id)


def messages_page(customer: Customer) -> dict[str, Any]:
    """What the template needs."""
    found = messages_with_customer(customer, current_staff().user, after=_after())
    return _listed(found, messages_url(customer))


def contact_messages_page(contact: Contact) -> dict[str, Any]:
    """The same for a person."""
    found = messages_with_contact(contact, current_staff().user, after=_after())
    return _listed(found, contact_messages_url(contact))


def writing_to(customer: Customer) -> dict[str, Any] | None:
    """The button that begins a message to a customer, for who may write."""
    return _writing(url_for("mail_area.compose", customer=customer.id))


def writing_to_contact(contact: Contact) -> dict[str, Any] | None:
    """The same for a person."""
    address = next((each.address for each in contact.emails if each.is_default), "")
    return _writing(url_for("mail_area.compose", to=address))


def _writing(url: str) -> dict[str, Any] | None:
    return {"label": _("New message"), "url": url, "icon": "mail"} if allows("edit") else None


def _listed(found: CustomerMessages, url: str) -> dict[str, Any]:
    boxes = mailboxes_of(current_staff().user)
    times = mail_times()
    older = f"{url}&after={found.older}" if found.older else None
    pager = {
        "text": _("%(n)s on this page", n=number(len(found.rows))),
        "first": url if "after" in request.args else None,
        "previous": None,
        "next": older,
        "last": None,
    }
    return {
        "messages": [_row(each, boxes, times) for each in found.rows],
        "pager": pager if older or "after" in request.args else None,
    }


def _row(each: CustomerMessage, boxes: Mailboxes, times: MailTimes) -> MessageRow:
    message, account = each.message, each.folder.account
    return MessageRow(
        url=url_for("mail_area.message", public_id=message.public_id),
        icon="send" if each.is_ours else "inbox",
        way=_("Sent") if each.is_ours else _("Received"),
        who=_("To: %(people)s", people=each.to)
        if each.is_ours and each.to
        else sender_words(message),
        subject=message.subject or _("(without subject)"),
        snippet=message.snippet,
        time=times.short(message.sent_at),
        exact_time=times.full(message.sent_at),
        dot=dot_of(boxes, account.id),
        account=account.address,
        folder=_folder(each.folder),
        has_files=message.has_attachments,
        is_unread=not each.is_read,
    )


def _folder(folder: MailFolder) -> str:
    return folder.name if folder.role is FolderRole.OTHER else str(state_word(folder.role))


def _after() -> int | None:
    text = request.args.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 18 else None
