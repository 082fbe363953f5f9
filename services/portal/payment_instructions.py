"""Customers are to pay in another way than before: everybody who gets invoices hears of it (pains C-10).

The rows of `payment_instructions_change` are the queue. Batches of customers are written to; how far that has got stands in the row, in the
transaction of its e-mails, and the same cause is written about once, so it may run twice.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from mail.errors import InvalidAddress
from mail.headers import Mailbox
from models.base import db, utc_now
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.instructions_change import InstructionsChange
from models.tenancy import Actor, across_organizations, acting_in
from services.mailings.address_book import BookEntry, entries_of, get_invoices
from services.mailings.notices import Notice, email
from services.portal.group_levels import GroupSettings
from services.portal.languages import spoken_to
from services.portal.mail_words import day_in_words, organization_in_scope
from services.portal.portal_addresses import portal_url
from services.portal.portal_emails import sent_for

CUSTOMERS_AT_ONCE = 100
logger = logging.getLogger(__name__)


def tell_everybody() -> int:
    """In every organization; commits as it goes. Returns how many e-mails were written; twice does no harm."""
    with across_organizations():
        keys = db.session.scalars(
            select(InstructionsChange.organization_id)
            .where(InstructionsChange.told_at.is_(None))
            .distinct()
        ).all()
    written = 0
    for key in keys:
        db.session.rollback()
        with acting_in(key, actor=Actor(source="job", name="portal")):
            try:
                while (batch := tell_next_customers()) is not None:
                    db.session.commit()
                    written += batch
            except Exception:  # another organization's customers must hear all the same
                logger.exception("customers of organization %s were not told how to pay", key)
            db.session.rollback()
    return written


def tell_next_customers() -> int | None:
    """Write to the next customers of the organization in scope; returns how many e-mails, None if nobody is left.

    Only the last change is told. Without an account that can send it waits for one.
    """
    changes: Sequence[InstructionsChange] = db.session.scalars(
        select(InstructionsChange)
        .where(InstructionsChange.told_at.is_(None))
        .order_by(InstructionsChange.id.desc())
        .with_for_update()  # whoever comes beside waits: with this row skipped, an older change would look like the newest
    ).all()
    if not changes or GroupSettings(None).sender() is None:
        return None
    newest, *outdated = changes
    for change in outdated:
        change.told_at = utc_now()
    if organization_in_scope().payment_instructions is None:  # taken away again: nothing to tell
        newest.told_at = utc_now()
        db.session.flush()
        return 0
    customers = _invoiced_after(newest.told_customer_id)
    book = entries_of([customer.id for customer in customers])
    written = 0
    for customer in customers:
        for entry in get_invoices(book.get(customer.id, [])):
            written += _is_told(newest, customer, entry)
        newest.told_customer_id = customer.id
    if len(customers) < CUSTOMERS_AT_ONCE:
        newest.told_at = utc_now()
    db.session.flush()
    return written


def _is_told(change: InstructionsChange, customer: Customer, entry: BookEntry) -> bool:
    """Whether an e-mail was written; an address that is none must not keep the news from all others."""
    try:
        key = sent_for(customer.customer_group, _changed, change, customer, entry)
    except InvalidAddress:
        logger.error("contact %s has no address to be told at how to pay", entry.contact_id)
        return False
    return key is not None


def _invoiced_after(key: int) -> Sequence[Customer]:
    """Customers who were ever sent an invoice, by their keys; nothing is sent to who is on hold."""
    is_invoiced = exists().where(
        Document.customer_id == Customer.id,
        Document.kind == DocumentKind.INVOICE,
        Document.state != DocumentState.DRAFT,
    )
    found: Sequence[Customer] = db.session.scalars(
        select(Customer)
        .where(Customer.id > key, ~Customer.on_hold, is_invoiced)
        .order_by(Customer.id)
        .limit(CUSTOMERS_AT_ONCE)
    ).all()
    return found


@email("portal-payment-instructions")
def _changed(change: InstructionsChange, customer: Customer, entry: BookEntry) -> Notice:
    company, lang = organization_in_scope(), spoken_to(entry.lang or customer.lang)
    since: datetime = company.payment_instructions_since or change.created_at
    day = since.astimezone(ZoneInfo(company.timezone)).date()  # as the portal says it
    return Notice(
        cause=f"payment_instructions:{change.id}:{customer.id}:{entry.contact_id}",
        to=Mailbox.of(entry.address or "", entry.name),
        lang=lang,
        values={
            "name": entry.name,
            "organization": company.name,
            "day": day_in_words(day, lang),
            "link": portal_url(),
            "verify_link": portal_url("/verify"),
            "phone": company.phone or "",
        },
        customer_id=customer.id,
        contact_id=entry.contact_id,
    )
