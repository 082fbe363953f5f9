"""A test: what one recipient of a mailing gets, to an address of ours (S1-15)."""

import uuid
from dataclasses import replace

from flask_babel import gettext as _

from errors import Conflict, Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress, MailError
from mail.headers import Mailbox
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.organization import Organization
from services.mailbox.sender_fields import words_of
from services.mailbox.senders import person_in_scope, require_sender
from services.mailings.attachments import attachments_of
from services.mailings.audience import Choice, PlannedMessage, resolve
from services.mailings.frozen_rows import WAITED_FOR, Destiny, NewDelivery, write_deliveries
from services.mailings.packing import pack
from services.mailings.unmade import unmade_words
from services.portal.portal_addresses import links_base
from services.sales.pdf import Workshop

PREFIXES = {"es": "[PRUEBA] ", "en": "[TEST] ", "pt": "[TESTE] "}


def write_test(
    mailing: Mailing, address: str, workshop: Workshop, *, sample: int | None = None
) -> int:
    """Put a test into the ledger, ready to leave at once; returns the key of the delivery.

    Same text and same PDF as the sample customer gets (`sample`: a customer's key; else the first one).
    Raises Invalid if the address is none or the customer gets nothing, NotTheirAccount for whoever may not send as
    the mailing's account.
    """
    if mailing.state is MailingState.CANCELLED:
        raise Conflict(_("This mailing is cancelled."))
    try:
        to = EmailAddress.parse(address)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    require_sender(mailing.account_id, person_in_scope())
    planned = _sample(mailing, sample)
    keys = [document.id for document in planned.documents]
    attachments = attachments_of(keys, mailing.extra_file_kinds, workshop)
    for problem in attachments.problems.values():
        raise Invalid(problem, field="sample")
    try:
        message = pack(
            planned,
            attachments,
            mailing=mailing,
            sender=words_of(
                mailing.account, db.session.get_one(Organization, mailing.organization_id)
            ),
            base_url=links_base(workshop.base_url),
            subject_prefix=PREFIXES.get(planned.lang, PREFIXES["en"]),
            to=Mailbox(str(to)),
        )
    except MailError as error:
        raise Invalid(unmade_words(error), field="sample") from error
    key = f"t:{mailing.id}:{uuid.uuid4().hex}"
    alone = replace(planned, copies=())
    made = write_deliveries(
        [NewDelivery(key, alone, message, str(to), to.normalised, attachments.hashes(keys))],
        Destiny(
            account_id=mailing.account_id,
            envelope_from=str(EmailAddress.parse(mailing.account.address)),
            kind=DeliveryKind.TEST,
            mailing_id=mailing.id,
            held_by=None,
            state=DeliveryStatus.QUEUED,
            priority=WAITED_FOR,
        ),
    )
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing.id,
        action="test",
        after={"delivery": made[key]},
    )
    return made[key]


def _sample(mailing: Mailing, customer_id: int | None) -> PlannedMessage:
    messages = resolve(Choice.of(mailing)).messages
    for message in messages:
        if customer_id is None or message.customer.id == customer_id:
            return message
    if customer_id is None:
        raise Invalid(_("Nobody gets this mailing."), field="sample")
    raise Invalid(_("This customer gets nothing from this mailing."), field="sample")
