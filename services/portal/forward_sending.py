"""A worker makes the messages of what customers passed on, and the receivers contacts of theirs (S2-17 to S2-19)."""

import logging
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from errors import AppError, Conflict
from mail.envelope import EmailAddress
from mail.errors import MailError
from mail.headers import Mailbox
from models.base import db, utc_now
from models.people.contact import (
    Contact,
    ContactEmail,
    ContactSource,
    CopyMode,
    CustomerContact,
)
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.document_forward import DocumentForward
from models.states import state_word
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.default_senders import account_for_notices
from services.mailings.address_book import BookEntry, customers_among
from services.mailings.audience import PlannedMessage
from services.mailings.message import Part, keep_part
from services.mailings.notices import Enclosure, Notice, email
from services.portal.forwards import cause_of
from services.portal.languages import spoken_to
from services.sales.drawing import PDF
from services.sales.pdf import Workshop, pdf_of

logger = logging.getLogger(__name__)
MOST_AT_ONCE = 100
BY_THE_PORTAL = Actor(source="job", name="portal")


@dataclass(frozen=True)
class Enclosed:
    """The PDF of the document, as a part of any message."""

    sha256: str
    part: Part


def send_forwards(workshop: Workshop) -> int:
    """Make the messages of all forwards that wait; returns how many. Commits after each forward."""
    with across_organizations():
        waiting = db.session.execute(
            select(DocumentForward.id, DocumentForward.organization_id)
            .where(DocumentForward.done_at.is_(None))
            .order_by(DocumentForward.id)
            .limit(MOST_AT_ONCE)
        ).all()
    db.session.rollback()
    made = 0
    for key, organization_id in waiting:
        with acting_in(organization_id, actor=BY_THE_PORTAL):
            try:
                made += _carry_out(key, workshop)
                db.session.commit()
            except (AppError, MailError) as problem:
                db.session.rollback()
                _give_up(key, problem)
                db.session.commit()
            except Exception:  # a fault of ours: it waits, and the others go on
                db.session.rollback()
                logger.exception("forward %s was left waiting", key)
    return made


def _carry_out(key: int, workshop: Workshop) -> int:
    """All messages of one forward, in one transaction: whoever dies leaves it as it was."""
    forward = _claimed(key)
    if forward is None:
        return 0
    account = account_for_notices()
    if account is None:
        raise Conflict("no account")
    pdf = pdf_of(forward.document, workshop)
    enclosed = Enclosed(pdf.sha256, keep_part(pdf.filename, PDF, pdf.sha256, workshop.store))
    # One worker at a time adds people to a customer, so that nobody is added twice.
    db.session.scalar(
        select(Customer.id).where(Customer.id == forward.customer_id).with_for_update()
    )
    made = 0
    for at, address in enumerate(forward.addresses):
        contact = _receiver(forward, EmailAddress.parse(address))
        made += _write(account, forward, at, contact, enclosed) is not None
    forward.done_at = utc_now()
    db.session.flush()
    return made


def _claimed(key: int) -> DocumentForward | None:
    found: DocumentForward | None = db.session.scalar(
        select(DocumentForward)
        .where(DocumentForward.id == key, DocumentForward.done_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    return found


def _give_up(key: int, problem: Exception) -> None:
    forward = _claimed(key)
    if forward is None:
        return
    logger.warning("forward %s came to nothing: %s", key, type(problem).__name__)
    with force_locale(forward.portal_user.lang):
        forward.problem = _("It could not be sent. Please write to us.")
    forward.done_at = utc_now()


def _receiver(forward: DocumentForward, address: EmailAddress) -> Contact:
    """The customer's contact with this address; a new one, without access to the portal, if there is none.

    Only the customer's own people are looked at: whoever writes an address learns nothing about others with it.
    """
    known: Contact | None = db.session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .join(ContactEmail, ContactEmail.contact_id == Contact.id)
        .where(
            CustomerContact.customer_id == forward.customer_id,
            ContactEmail.address_norm == address.normalised,
        )
        .order_by(Contact.id)
        .limit(1)
    ).first()
    if known is not None:
        return known
    contact = Contact(name=str(address), source=ContactSource.FORWARDED)
    contact.emails.append(ContactEmail(address=str(address), address_norm=address.normalised))
    db.session.add(contact)
    db.session.flush()
    db.session.add(
        CustomerContact(
            customer_id=forward.customer_id,
            contact_id=contact.id,
            roles=[],
            cc_mode=CopyMode.TO,
        )
    )
    db.session.flush()
    return contact


@email("portal-forward")
def _write(forward: DocumentForward, at: int, contact: Contact, enclosed: Enclosed) -> Notice:
    address, user = EmailAddress.parse(forward.addresses[at]), forward.portal_user
    document, lang = forward.document, spoken_to(contact.lang or user.lang)
    organization = db.session.get_one(Organization, forward.organization_id)
    with force_locale(lang):
        kind = str(state_word(document.kind))
    return Notice(
        cause=cause_of(forward, at),
        to=Mailbox.of(str(address), contact.name if contact.name != str(address) else ""),
        lang=lang,
        values={
            "sender": user.name,
            "customer": db.session.get_one(Customer, forward.customer_id).name,
            "organization": organization.legal_name or organization.name,
            "kind": kind,
            "label": document.label,
            "note": forward.note,
        },
        reply_to=Mailbox.of(user.email, user.name),
        enclosed=Enclosure(
            planned=_planned(forward, contact, address),
            documents=((document.id, enclosed.sha256),),
            parts=(enclosed.part,),
        ),
    )


def _planned(forward: DocumentForward, contact: Contact, address: EmailAddress) -> PlannedMessage:
    entry = BookEntry(
        customer_id=forward.customer_id,
        contact_id=contact.id,
        is_primary=False,
        roles=frozenset(),
        name=contact.name,
        lang=contact.lang,
        is_active=contact.is_active,
        address=str(address),
        address_norm=address.normalised,
        state=None,
    )
    customer = customers_among([forward.customer_id])[forward.customer_id]
    return PlannedMessage(customer, entry, (), str(address), address.normalised)
