"""The e-mails of a customer, or of a contact (X0-13), as their page lists them: state, documents, and the way to the message."""

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_recipient import badge_of
from models.mailings.delivery import DeliveryStatus
from models.people.contact import Contact
from models.people.customer import Customer
from models.states import state_word
from services.mailings.customer_mails import (
    CustomerMail,
    MailPage,
    mails_to,
    mails_to_contact,
)
from services.mailings.reasons import sentence_for


def mails_url(customer: Customer) -> str:
    return url_for("customer.mails_view", id=customer.id)


def page_of(customer: Customer) -> dict[str, Any]:
    """What the template needs: rows and pager."""
    page = mails_to(customer, after=_key("after"), before=_key("before"))
    return _listed(page, mails_url(customer))


def contact_mails_url(contact: Contact) -> str:
    return url_for("contact.mails_view", id=contact.id)


def page_of_contact(contact: Contact) -> dict[str, Any]:
    """The same for a person."""
    page = mails_to_contact(contact, after=_key("after"), before=_key("before"))
    return _listed(page, contact_mails_url(contact))


def _listed(page: MailPage, url: str) -> dict[str, Any]:
    return {"mails": [_line(mail) for mail in page.rows], "pager": _pager(url, page)}


def _line(mail: CustomerMail) -> dict[str, Any]:
    url = None
    if mail.mailing_public_id is not None:
        url = url_for(
            "mailing_console.recipients", public_id=mail.mailing_public_id, open=f"m{mail.id}"
        )
    source = (
        _("Mailing no. %(number)s", number=mail.mailing_number)
        if mail.mailing_number is not None
        else str(state_word(mail.kind))
    )
    return {
        "mail": mail,
        "url": url,
        "source": source,
        "badge": badge_of(mail.state, mail.reason, bounced=mail.bounced_at is not None),
        "when": moment(mail.sent_at or mail.created_at),
        "why": "" if mail.state is DeliveryStatus.SENT else sentence_for(mail.reason),
    }


def _pager(url: str, page: MailPage) -> dict[str, Any] | None:
    if page.before is None and page.after is None:
        return None
    return {
        "text": _("%(n)s on this page", n=number(len(page.rows))),
        "first": url if page.before else None,
        "previous": f"{url}&before={page.before}" if page.before else None,
        "next": f"{url}&after={page.after}" if page.after else None,
        "last": None,
    }


def _key(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 18 else None
