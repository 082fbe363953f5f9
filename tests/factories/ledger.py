"""A registered mailing with many small messages, made quickly: without documents."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, update

from files.store import FileStore
from mail.envelope import EmailAddress
from mail.mime import attachment_part
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from models.people.customer import Customer
from models.people.organization import Organization
from models.public_id import uuid7
from services.mailbox.sender_fields import words_of
from services.mailings.address_book import BookEntry, CustomerFacts
from services.mailings.audience import PlannedMessage
from services.mailings.frozen_rows import Destiny, NewDelivery, content_hash_of, write_deliveries
from services.mailings.message import Part, freeze
from settings import Settings
from tests.factories.mailings import make_draft
from tests.factories.people import make_mail_account
from tests.factories.saving import numbers

CHUNK = 500


def make_ready_mailing(
    settings: Settings,
    count: int,
    account: MailAccount | None = None,
    *,
    attachment: bytes = b"%PDF-1.7 " + b"invoice " * 2000,
    attachments: Callable[[], bytes] | None = None,
    **fields: Any,
) -> Mailing:
    """Registered, with `count` messages to `count` customers; commits.

    All have the same `attachment`, or each its own of `attachments`.
    """
    account = account or make_mail_account()
    mailing = make_draft(account=account, ranges=[MailingRange(series="FV")], **fields)
    store = FileStore(settings.files_url)
    shared = _part(store, attachment)
    organization = db.session.get_one(Organization, mailing.organization_id)
    sender = words_of(account, organization)
    destiny = Destiny(
        account_id=account.id,
        envelope_from=str(EmailAddress.parse(account.address)),
        kind=DeliveryKind.BULK,
        mailing_id=mailing.id,
        held_by=mailing.id,
        state=DeliveryStatus.PREPARED,
    )
    for at in range(0, count, CHUNK):
        rows = []
        for planned in _planned(organization.id, min(CHUNK, count - at)):
            part = _part(store, attachments()) if attachments else shared
            message = freeze(planned, mailing=mailing, account=account, sender=sender, parts=[part])
            key = f"m:{mailing.id}:c:{planned.customer.id}:r:0"
            rows.append(
                NewDelivery(key, planned, message, planned.address, planned.address_norm, [])
            )
        write_deliveries(rows, destiny)
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(
            state=MailingState.REGISTERED,
            registered_at=utc_now(),
            content_hash=content_hash_of(mailing.id),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return mailing


def _part(store: FileStore, content: bytes) -> Part:
    kept = store.put(attachment_part("FV-1.pdf", "application/pdf", content))
    return Part(kept.sha256, kept.size_bytes)


def _planned(organization_id: int, count: int) -> list[PlannedMessage]:
    names = [f"Q{next(numbers):07}" for _ in range(count)]
    now = utc_now()
    ids = db.session.execute(
        insert(Customer.__table__).returning(Customer.__table__.c.id, sort_by_parameter_order=True),
        [
            {
                "organization_id": organization_id,
                "public_id": uuid7(),
                "number": name,
                "name": f"Cliente {name}",
                "lang": "es",
                "currency": "EUR",
                "payment_terms_days": 30,
                "on_hold": False,
                "version": 1,
                "created_at": now,
                "updated_at": now,
            }
            for name in names
        ],
    ).scalars()
    return [_message(key, name) for key, name in zip(ids, names, strict=True)]


def _message(customer_id: int, number: str) -> PlannedMessage:
    address = f"{number.lower()}@example.com"
    customer = CustomerFacts(
        customer_id, number, f"Cliente {number}", "es", False, None, None, None
    )
    entry = BookEntry(
        customer_id=customer_id,
        contact_id=None,  # type: ignore[arg-type]  # these customers have no contacts
        is_primary=True,
        roles=frozenset({"billing"}),
        name=f"Persona {number}",
        lang=None,
        is_active=True,
        address=address,
        address_norm=address,
        state=None,
    )
    return PlannedMessage(customer, entry, (), address, address)
