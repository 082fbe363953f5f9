"""A test of a registered mailing: the frozen message of one recipient, to an address of ours (S1-15)."""

import re
import secrets
import uuid
from dataclasses import replace
from email.utils import parseaddr

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head
from mail.reading import ReadMessage, read_message
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryBody,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.portal.share_link import ShareLink
from models.public_id import uuid7
from services.mailbox.senders import person_in_scope, require_sender
from services.mailings.frozen_rows import WAITED_FOR
from services.mailings.message import sender_domain
from services.mailings.trial import PREFIXES
from services.portal.share_links import hash_of

SAMPLE = re.compile(r"m?[0-9]{1,18}")
LINK = re.compile(r"/l/([\w-]{20,100})")


def write_copy(mailing: Mailing, sample: Delivery, address: str) -> int:
    """Put a test into the ledger, ready to leave at once; returns the key of the delivery.

    Words and files are those of the sample, with links of its own; nobody gets a copy. Raises Invalid if the address is none,
    Conflict if the mailing is cancelled, NotTheirAccount for whoever may not send as its account.
    """
    if mailing.state is MailingState.CANCELLED:
        raise Conflict(_("This mailing is cancelled."))
    try:
        to = EmailAddress.parse(address)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    require_sender(sample.account_id, person_in_scope())
    body = db.session.get_one(DeliveryBody, sample.id)
    public_id = uuid7()
    message_id = f"<d.{public_id}@{sender_domain(sample.envelope_from)}>"
    read, links = _with_own_links(read_message(body.head), sample)
    subject = PREFIXES.get(sample.lang, PREFIXES["en"]) + read.subject
    head = _head(
        read,
        subject=subject,
        to=to,
        message_id=message_id,
        public_id=public_id,
        shows_pictures=Head.stored(body.head).shows_pictures,
    )
    test = Delivery(
        public_id=public_id,
        mailing_id=mailing.id,
        kind=DeliveryKind.TEST,
        customer_id=sample.customer_id,
        contact_id=sample.contact_id,
        account_id=sample.account_id,
        idempotency_key=f"t:{mailing.id}:{uuid.uuid4().hex}",
        envelope_from=sample.envelope_from,
        recipient=str(to),
        recipient_norm=to.normalised,
        contact_role=sample.contact_role,
        subject=subject,
        message_id_header=message_id,
        size_bytes=sample.size_bytes + len(head.wire) - len(body.head),
        lang=sample.lang,
        attach_mode=sample.attach_mode,
    )
    db.session.add(test)
    db.session.flush()
    db.session.add(DeliveryBody(delivery_id=test.id, head=head.wire, parts=list(body.parts)))
    db.session.add(
        DeliveryState(
            delivery_id=test.id,
            account_id=sample.account_id,
            state=DeliveryStatus.QUEUED,
            priority=WAITED_FOR,
        )
    )
    documents = select(DeliveryDocument).where(DeliveryDocument.delivery_id == sample.id)
    for document in db.session.scalars(documents).all():
        db.session.add(
            DeliveryDocument(
                delivery_id=test.id,
                document_id=document.document_id,
                file_sha256=document.file_sha256,
            )
        )
    for token_hash, document_id in links.items():
        db.session.add(
            ShareLink(token_hash=token_hash, document_id=document_id, delivery_id=test.id)
        )
    db.session.flush()
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing.id,
        action="test",
        after={"delivery": test.id, "sample": sample.id},
    )
    return test.id


def sample_known_as(mailing: Mailing, name: str | None) -> Delivery:
    """The message behind a choice: `m12`, or the first one of a customer's key, or of anybody. Raises Invalid."""
    query = select(Delivery).where(
        Delivery.mailing_id == mailing.id, Delivery.kind.in_(FOR_CUSTOMERS)
    )
    if name and not SAMPLE.fullmatch(name):
        raise Invalid(_("Nobody gets this mailing."), field="sample")
    if name and name.startswith("m"):
        query = query.where(Delivery.id == int(name[1:]))
    elif name:
        query = query.where(Delivery.customer_id == int(name))
    found = db.session.scalars(query.order_by(Delivery.id).limit(1)).one_or_none()
    if found is None:
        raise Invalid(_("Nobody gets this mailing."), field="sample")
    return found


def _with_own_links(read: ReadMessage, sample: Delivery) -> tuple[ReadMessage, dict[str, int]]:
    """Links of the test's own in the place of the sample's: who tries them opens nothing in the customer's name."""
    query = select(ShareLink.token_hash, ShareLink.document_id).where(
        ShareLink.delivery_id == sample.id
    )
    documents = dict(db.session.execute(query).all())
    fresh: dict[str, str] = {}

    def renewed(found: re.Match[str]) -> str:
        if hash_of(found[1]) not in documents:
            return found[0]
        return "/l/" + fresh.setdefault(found[1], secrets.token_urlsafe(32))

    changed = replace(read, text=LINK.sub(renewed, read.text), html=LINK.sub(renewed, read.html))
    return changed, {hash_of(new): documents[hash_of(old)] for old, new in fresh.items()}


def _head(
    read: ReadMessage,
    *,
    subject: str,
    to: EmailAddress,
    message_id: str,
    public_id: uuid.UUID,
    shows_pictures: bool,
) -> Head:
    return Head.of(
        MessageHeaders(
            sender=_mailbox(read.sender),
            to=(Mailbox(str(to)),),
            reply_to=_mailbox(read.reply_to) if read.reply_to else None,
            subject=subject,
            message_id=message_id,
            delivery_id=str(public_id),
        ),
        text=read.text,
        html=read.html,
        shows_pictures=shows_pictures,
    )


def _mailbox(field: str) -> Mailbox:
    name, address = parseaddr(field)
    return Mailbox.of(address, name)
