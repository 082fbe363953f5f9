"""One message of a mailing that is still being written, as it would leave; nothing is kept (S1-10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy

from flask_babel import gettext as _

from errors import Invalid
from mail.pictures import put_back
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import AttachMode, Mailing
from models.people.organization import Organization
from models.tenancy import current_scope
from services.mailbox.sender_fields import words_of
from services.mailings.audience import Choice, PlannedMessage, resolve
from services.mailings.document_links import wants_links
from services.mailings.message import freeze
from services.portal.portal_addresses import links_base
from services.portal.share_links import new_links


@dataclass(frozen=True)
class Example:
    """A message that was read back from its bytes, so that it is what a mail program shows."""

    customer_id: int
    customer: str
    sender: str
    to: str
    cc: str
    reply_to: str
    subject: str
    html: str
    text: str
    lang: str
    documents: Sequence[str]
    place: int  # among all of them, from 1 on
    count: int
    before: int | None  # the customers before and after
    after: int | None


def example_of(
    mailing: Mailing,
    account: MailAccount,
    choice: Choice,
    *,
    base_url: str,
    customer_id: int | None = None,
) -> Example:
    """The message of this customer, or the first one; `mailing` need not be stored.

    Raises Invalid if nobody gets one, MailError for a text that cannot be rendered.
    """
    messages = resolve(choice).messages
    planned = _chosen(messages, customer_id)
    named = [(document.id, document.label) for document in planned.documents]
    frozen = freeze(
        planned,
        mailing=mailing,
        account=account,
        sender=words_of(account, db.session.get_one(Organization, current_scope().organization_id)),
        parts=(),
        links=new_links(named, links_base(base_url)) if wants_links(mailing) else (),
    )
    read = message_from_bytes(frozen.head.replace(b"\r\n..", b"\r\n."), policy=policy.default)
    html, text = read.get_body(("html",)), read.get_body(("plain",))
    is_attached = mailing.attach_mode is not AttachMode.LINK
    customers = list(dict.fromkeys(message.customer.id for message in messages))
    place = customers.index(planned.customer.id)
    return Example(
        customer_id=planned.customer.id,
        customer=planned.customer.name,
        sender=str(read["From"]),
        to=str(read["To"]),
        cc=str(read["Cc"] or ""),
        reply_to=str(read["Reply-To"] or ""),
        subject=frozen.subject,
        html=put_back(html.get_content(), frozen.pictures) if html is not None else "",
        text=text.get_content() if text is not None else "",
        lang=frozen.lang,
        documents=[label for _key, label in named] if is_attached else [],
        place=place + 1,
        count=len(customers),
        before=customers[place - 1] if place else None,
        after=customers[place + 1] if place + 1 < len(customers) else None,
    )


def _chosen(messages: Sequence[PlannedMessage], customer_id: int | None) -> PlannedMessage:
    for message in messages:
        if customer_id is None or message.customer.id == customer_id:
            return message
    if messages:
        raise Invalid(_("This customer gets nothing from this mailing."), field="customer")
    raise Invalid(_("Nobody gets this mailing."), field="customer")
