"""The e-mails about who a customer's contacts are: another primary one, one more (S0-16 to S0-23, X0-02).

Each is written into the ledger in the transaction of its cause.
"""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.portal.portal_text import PortalTextKind
from models.public_id import uuid7
from models.tenancy import current_scope
from services.portal.group_levels import GroupSettings
from services.portal.mail_words import day_in_words, organization_in_scope, reader_of_contact
from services.portal.portal_emails import tell, uses_portal
from services.portal.portal_texts import Texts

K = PortalTextKind


def primary_changed(customer: Customer, new: Contact, previous: Contact) -> list[int]:
    """Another contact is the primary one now: tell both, where the group says so (S0-17, S0-21).

    Who has no address is noted as left out in the customer's history.
    """
    settings = GroupSettings(customer.customer_group)
    told = []
    for kind, box, contact in (
        (K.NEW_PRIMARY, "tells_new_primary", new),
        (K.PREVIOUS_PRIMARY, "tells_previous_primary", previous),
    ):
        if not settings.said(box).value or not uses_portal(customer):
            continue
        reader = reader_of_contact(contact, customer)
        values = {
            "new_primary": new.name,
            "previous_primary": previous.name,
            "company": customer.name,
            "changed_by": current_scope().actor.name or organization_in_scope().name,
            "date": day_in_words(_today(), reader.lang),
        }
        if reader.address is None:
            _note_skipped(customer, kind, contact)
        elif delivery := tell(kind, reader, f"primary:{customer.id}:{uuid7()}", values):
            told.append(delivery)
    return told


def secondary_added(customer: Customer, added: Contact) -> int | None:
    """To the primary contact: their company has another contact now (X0-02). Only in words that a level wrote."""
    primary: CustomerContact | None = db.session.scalar(
        select(CustomerContact).where(
            CustomerContact.customer_id == customer.id, CustomerContact.is_primary
        )
    )
    if primary is None or primary.contact_id == added.id or not uses_portal(customer):
        return None
    reader = reader_of_contact(primary.contact, customer)
    lang = Texts(customer.customer_group).language_of(K.SECONDARY_ADDED, reader.lang)
    if lang is None:
        return None
    if reader.address is None:
        _note_skipped(customer, K.SECONDARY_ADDED, primary.contact)
        return None
    return tell(
        K.SECONDARY_ADDED,
        replace(reader, lang=lang),
        f"contact_added:{customer.id}:{added.id}:{uuid7()}",
        {
            "new_contact": added.name,
            "company": customer.name,
            "changed_by": current_scope().actor.name or organization_in_scope().name,
            "date": day_in_words(_today(), lang),
        },
    )


def _today() -> date:
    """The day where the company is."""
    return utc_now().astimezone(ZoneInfo(organization_in_scope().timezone)).date()


def _note_skipped(customer: Customer, kind: PortalTextKind, contact: Contact) -> None:
    record_event(
        db.session(),
        entity="customer",
        entity_id=customer.id,
        action="mail_skipped",
        after={"mail": kind.value, "contact": contact.name, "reason": "no_address"},
    )
