"""The messages with a customer, or with a contact, over all mailboxes that somebody may read, the newest first (S3-25)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager

from mail.envelope import comparable
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import Delivery
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.user import User
from services.mailbox.conversation_details import recipients_of
from services.mailbox.customer_ties import is_of_contact, is_of_customer
from services.mailbox.readers import is_readable_by, readable_by

A_PAGE = 50
NOT_THEIRS = (FolderRole.DRAFTS, FolderRole.JUNK)  # not said yet, or said by somebody else


@dataclass(frozen=True, kw_only=True)
class CustomerMessage:
    """A message, where it lies, and which way it went."""

    message: Message
    folder: MailFolder
    to: str
    is_ours: bool
    is_read: bool


@dataclass(frozen=True)
class CustomerMessages:
    """A page of them, and the key of the last one if there are more."""

    rows: Sequence[CustomerMessage]
    older: int | None


def messages_with_customer(
    customer: Customer, person: User, *, after: int | None = None
) -> CustomerMessages:
    """A page: those that are older than the message `after`."""
    return _page(is_of_customer(customer), person, after)


def count_with_customer(customer: Customer, person: User, *, most: int) -> int:
    """How many there are, as far as `most`."""
    some = (
        select(Message.id)
        .where(is_of_customer(customer), is_readable_by(person, hidden=NOT_THEIRS))
        .limit(most)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def messages_with_contact(
    contact: Contact, person: User, *, after: int | None = None
) -> CustomerMessages:
    """The same for a person."""
    return _page(is_of_contact(contact), person, after)


def messages_beside_deliveries(customer: Customer, person: User) -> Select[Any]:
    """What the list of all that the customer was sent does not have: that says more of its messages."""
    is_sent_to_them = exists().where(
        Delivery.id == Message.delivery_id, Delivery.customer_id == customer.id
    )
    return select(Message).where(
        is_of_customer(customer),
        is_readable_by(person, hidden=NOT_THEIRS),
        or_(Message.delivery_id.is_(None), ~is_sent_to_them),
    )


def own_addresses(messages: Collection[Message]) -> set[str]:
    """Those of the senders that are accounts of ours."""
    senders = {comparable(message.from_address) for message in messages}
    return set(
        db.session.scalars(
            select(MailAccount.address_norm).where(MailAccount.address_norm.in_(senders))
        )
    )


def _page(is_theirs: ColumnElement[bool], person: User, after: int | None) -> CustomerMessages:
    query = select(Message).where(is_theirs, is_readable_by(person, hidden=NOT_THEIRS))
    last = db.session.get(Message, after) if after else None
    if last is not None:
        query = query.where(tuple_(Message.sent_at, Message.id) < (last.sent_at, last.id))
    found = db.session.scalars(
        query.order_by(Message.sent_at.desc(), Message.id.desc()).limit(A_PAGE + 1)
    ).all()
    shown = found[:A_PAGE]
    keys = [message.id for message in shown]
    places = _places(keys, person)
    to, own = recipients_of(keys), own_addresses(shown)
    rows = [
        CustomerMessage(
            message=message,
            folder=places[message.id][0].folder,
            to=to.get(message.id, ""),
            is_ours=comparable(message.from_address) in own,
            is_read=all(place.is_read for place in places[message.id]),
        )
        for message in shown
    ]
    return CustomerMessages(rows, shown[-1].id if len(found) > A_PAGE else None)


def _places(message_ids: Sequence[int], person: User) -> dict[int, list[MessagePlacement]]:
    """Where each lies, as far as this person may look."""
    found: dict[int, list[MessagePlacement]] = {}
    for placement in db.session.scalars(
        select(MessagePlacement)
        .join(MessagePlacement.folder)
        .join(MailFolder.account)
        .where(
            MessagePlacement.message_id.in_(message_ids),
            MailFolder.gone_at.is_(None),
            MailFolder.role.not_in(NOT_THEIRS),
            readable_by(person),
        )
        .options(contains_eager(MessagePlacement.folder).contains_eager(MailFolder.account))
        .order_by(MessagePlacement.id)
    ):
        found.setdefault(placement.message_id, []).append(placement)
    return found
