"""The ledger's rows of messages: written in bulk, never changed afterwards."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Uuid, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from files.store import FileStore
from mail.mime import picture_part
from mail.pictures import Picture
from models.base import db, utc_now
from models.mailings.delivery import (
    Delivery,
    DeliveryBody,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.mailing import OneMailPer
from models.portal.share_link import ShareLink, in_half_a_year
from models.tenancy import current_scope
from services.mailings.audience import PlannedMessage
from services.mailings.copies import PlannedCopy
from services.mailings.message import FrozenMessage
from services.mailings.sealed_head import seal_head
from services.system.bulk_insert import insert_rows

WAITED_FOR = 1  # priority: a person sits there and waits
USUAL = 5


@dataclass(frozen=True)
class NewDelivery:
    """A message with everything that the ledger knows of it.

    `has_secret`: it carries a key, so its text is stored encrypted. One without `planned`, such as a notice or what a person
    wrote, says itself which customer it is about, to which contact it goes, and who gets copies.
    """

    key: str
    planned: PlannedMessage | None
    message: FrozenMessage
    recipient: str
    recipient_norm: str
    documents: Sequence[tuple[int, str]] = ()  # document, hash of its PDF
    has_secret: bool = False
    customer_id: int | None = None
    contact_id: int | None = None
    copies: Sequence[PlannedCopy] = ()

    @property
    def to_contact(self) -> int | None:
        return self.planned.entry.contact_id if self.planned else self.contact_id

    @property
    def all_copies(self) -> Sequence[PlannedCopy]:
        return self.planned.copies if self.planned else self.copies

    @property
    def stored_head(self) -> bytes:
        head = self.message.head
        return seal_head(head, self.recipient) if self.has_secret else head


@dataclass(frozen=True, kw_only=True)
class Destiny:
    """What all messages of one writing have in common.

    `held_by` is the mailing that has to be sending for them to leave; a test waits for none.
    """

    account_id: int
    envelope_from: str
    kind: DeliveryKind
    mailing_id: int | None
    held_by: int | None
    state: DeliveryStatus
    priority: int = USUAL
    follows_id: int | None = None


def key_of(mailing_id: int, planned: PlannedMessage, one_mail_per: OneMailPer) -> str:
    """The same message has the same key, however often it is registered."""
    contact = planned.entry.contact_id
    if one_mail_per is OneMailPer.DOCUMENT:
        return f"m:{mailing_id}:d:{planned.documents[0].id}:r:{contact}"
    return f"m:{mailing_id}:c:{planned.customer.id}:r:{contact}"


def write_deliveries(rows: Sequence[NewDelivery], destiny: Destiny) -> dict[str, int]:
    """Add the rows, without those whose key is there already; the new ids by key."""
    if not rows:
        return {}
    organization_id = current_scope().organization_id
    now = utc_now()
    by_key = {row.key: row for row in rows}
    facts = [_facts(row, destiny, organization_id, now) for row in rows]
    insert_rows(Delivery.__table__, facts, unless_taken=("organization_id", "idempotency_key"))
    names = any_(literal([row.message.public_id for row in rows], ARRAY(Uuid)))
    made = select(Delivery.idempotency_key, Delivery.id).where(Delivery.public_id == names)
    ids = {key: id_ for key, id_ in db.session.execute(made.order_by(Delivery.id))}  # noqa: C416
    if not ids:
        return {}
    pictures = _kept_pictures(by_key[key].message for key in ids)
    common = {"organization_id": organization_id}
    db.session.execute(
        insert(DeliveryBody.__table__),
        [
            {
                "delivery_id": id_,
                "head": by_key[key].stored_head,
                "parts": [
                    *(pictures[picture] for picture in by_key[key].message.pictures),
                    *(part.sha256 for part in by_key[key].message.parts),
                ],
                **common,
            }
            for key, id_ in ids.items()
        ],
    )
    insert_rows(
        DeliveryState.__table__,
        [
            {
                "delivery_id": id_,
                "mailing_id": destiny.held_by,
                "account_id": destiny.account_id,
                "state": destiny.state,
                "priority": destiny.priority,
                "attempt_count": 0,
                **common,
            }
            for id_ in ids.values()
        ],
    )
    copies = [
        facts | {"delivery_id": id_, **common}
        for key, id_ in ids.items()
        for facts in _copies(by_key[key])
    ]
    if copies:
        db.session.execute(insert(DeliveryCopy.__table__), copies)
    links = [
        {
            "delivery_id": id_,
            "document_id": link.document_id,
            "token_hash": link.token_hash,
            "expires_at": in_half_a_year(),
            "created_at": now,
            "updated_at": now,
            **common,
        }
        for key, id_ in ids.items()
        for link in by_key[key].message.links
    ]
    if links:
        db.session.execute(insert(ShareLink.__table__), links)
    documents = [
        {"delivery_id": id_, "document_id": document, "file_sha256": sha256, **common}
        for key, id_ in ids.items()
        for document, sha256 in by_key[key].documents
    ]
    insert_rows(DeliveryDocument.__table__, documents)
    return ids


def _kept_pictures(messages: Iterable[FrozenMessage]) -> dict[Picture, str]:
    """Each picture that the messages show, as a part that is kept once: its hash."""
    shown = {picture for message in messages for picture in message.pictures}
    if not shown:
        return {}
    store = FileStore(current_app.extensions["settings"].files_url)
    return {picture: store.put(picture_part(picture)).sha256 for picture in shown}


def content_hash_of(mailing_id: int) -> str:
    """A hash over what is frozen: the sorted keys, each with its addresses, its message and its parts."""
    digest = hashlib.sha256()
    copies = (
        select(
            func.string_agg(DeliveryCopy.address, aggregate_order_by(literal(","), DeliveryCopy.n))
        )
        .where(DeliveryCopy.delivery_id == Delivery.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Delivery.idempotency_key,
            Delivery.recipient,
            func.encode(func.sha256(DeliveryBody.head), "hex"),
            DeliveryBody.parts,
            func.coalesce(copies, ""),
        )
        .join(DeliveryBody, DeliveryBody.delivery_id == Delivery.id)
        .where(Delivery.mailing_id == mailing_id, Delivery.kind == DeliveryKind.BULK)
        .order_by(Delivery.idempotency_key.collate("C"))
        .execution_options(yield_per=1000)
    )
    for key, recipient, head, parts, others in rows:
        digest.update(f"{key} {recipient} {others} {head} {','.join(parts)}\n".encode())
    return digest.hexdigest()


def _copies(row: NewDelivery) -> list[dict[str, Any]]:
    """All addresses of a message that has several; number 0 is the recipient's own answer."""
    copies = row.all_copies
    if not copies:
        return []
    own = PlannedCopy(CopyRole.TO, row.recipient, row.recipient_norm, contact_id=row.to_contact)
    return [
        {
            "n": number,
            "role": copy.role,
            "contact_id": copy.contact_id,
            "address": copy.address,
            "address_norm": copy.address_norm,
            "state": CopyState.WAITING,
        }
        for number, copy in enumerate((own, *copies))
    ]


def _facts(
    row: NewDelivery, destiny: Destiny, organization_id: int | None, now: datetime
) -> dict[str, Any]:
    message, planned = row.message, row.planned
    return {
        "organization_id": organization_id,
        "public_id": message.public_id,
        "mailing_id": destiny.mailing_id,
        "kind": destiny.kind,
        "customer_id": planned.customer.id if planned else row.customer_id,
        "contact_id": row.to_contact,
        "account_id": destiny.account_id,
        "follows_id": destiny.follows_id,
        "idempotency_key": row.key,
        "envelope_from": destiny.envelope_from,
        "recipient": row.recipient,
        "recipient_norm": row.recipient_norm,
        "contact_role": ", ".join(sorted(planned.entry.roles)) or None if planned else None,
        "subject": message.subject,
        "message_id_header": message.message_id,
        "size_bytes": message.size_bytes,
        "lang": message.lang,
        "attach_mode": message.attach_mode,
        "created_at": now,
        "updated_at": now,
    }
