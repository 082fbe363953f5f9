"""Somebody ties a conversation to a customer, or unties it: it stays so, however often the mailbox is read (S3-25).

The audit has who did it. What is answered later in the conversation follows (`follow_links`).
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select, text

from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_link import LinkedBy, MessageLink
from models.people.customer import Customer
from models.people.user import User
from services.mailbox.customer_ties import customers_of_messages

# What comes into a conversation is what somebody last said of it; what is about a document says nothing of the others.
FOLLOW = text(
    "INSERT INTO message_link (organization_id, message_id, customer_id, linked_by, is_cut, created_at, updated_at)"
    " SELECT DISTINCT ON (fresh.id, link.customer_id) fresh.organization_id, fresh.id, link.customer_id, 'answer',"
    " link.is_cut, now(), now()"
    " FROM message AS fresh JOIN message AS other"
    " ON other.organization_id = fresh.organization_id AND other.thread_id = fresh.thread_id"
    " JOIN message_link AS link ON link.organization_id = other.organization_id AND link.message_id = other.id"
    " WHERE fresh.organization_id = :organization AND fresh.id = ANY(:fresh)"
    " AND link.linked_by = 'hand' AND link.customer_id IS NOT NULL AND link.document_id IS NULL"
    " ORDER BY fresh.id, link.customer_id, link.updated_at DESC, link.id DESC ON CONFLICT DO NOTHING"
)
HAS_LINKS = text(
    "SELECT EXISTS (SELECT FROM message_link WHERE organization_id = :organization AND linked_by = 'hand')"
)


def link(messages: Collection[Message], customer: Customer, person: User) -> None:
    """These messages are the customer's."""
    rows = _rows(messages, customer)
    for message in messages:
        row = rows.get(message.id)
        if row is None:
            row = MessageLink(message_id=message.id, customer_id=customer.id)
            db.session.add(row)
        row.is_cut, row.linked_by, row.user_id = False, LinkedBy.HAND, person.id
    db.session.flush()


def unlink(messages: Collection[Message], customer: Customer, person: User) -> None:
    """They are not: links go, and what an address says counts no longer."""
    for row in _rows(messages, customer).values():
        db.session.delete(row)
    db.session.flush()
    still = customers_of_messages(messages)
    for message in messages:
        if customer in still[message.id]:
            db.session.add(
                MessageLink(
                    message_id=message.id, customer_id=customer.id, is_cut=True, user_id=person.id
                )
            )
    db.session.flush()


def follow_links(organization_id: int, message_ids: Sequence[int]) -> None:
    """New messages of conversations that somebody has tied."""
    organization = {"organization": organization_id}
    if message_ids and db.session.scalar(HAS_LINKS, organization):
        db.session.execute(FOLLOW, {**organization, "fresh": list(message_ids)})


def _rows(messages: Collection[Message], customer: Customer) -> dict[int, MessageLink]:
    """Those about a document stay apart: they say more."""
    found = db.session.scalars(
        select(MessageLink).where(
            MessageLink.message_id.in_([message.id for message in messages]),
            MessageLink.customer_id == customer.id,
            MessageLink.document_id.is_(None),
        )
    )
    return {row.message_id: row for row in found}
