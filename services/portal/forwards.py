"""A customer passes a document on by e-mail: the wish, written down at the door, and what became of it (S2-17)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import BigInteger, bindparam, func, select

from errors import Forbidden, Invalid, TooMany
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.portal.document_forward import MOST_RECEIVERS, DocumentForward
from models.portal.portal_event import PortalEventKind
from models.sales.document import Document
from models.tenancy import current_scope, kept
from services.portal.daily_caps import hold_caps
from services.portal.events import note_event

LONGEST_NOTE = 2_000
MOST_A_DAY = 100  # receivers of one customer
MOST_SHOWN = 20
LAST = kept(
    select(DocumentForward)
    .where(DocumentForward.document_id == bindparam("document", type_=BigInteger))
    .order_by(DocumentForward.id.desc())
    .limit(MOST_SHOWN)
)
BETWEEN = re.compile(r"[\s,;]+")


@dataclass(frozen=True, slots=True)
class ForwardState:
    """One forward with the state of each message; None while none was made yet."""

    forward: DocumentForward
    states: Sequence[tuple[str, DeliveryStatus | None]]


def forward_document(
    document: Document, addresses: Iterable[str], *, note: str = "", ip: str | None = None
) -> DocumentForward:
    """Write down who shall get the document; a worker sends it. Raises Invalid and TooMany."""
    actor = current_scope().actor
    if actor.kind != "portal_user" or actor.id is None:
        raise Forbidden(_("Only somebody who is signed in can forward a document."))
    wanted = checked_addresses(addresses)
    text = note.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_NOTE:
        raise Invalid(
            _("The note is longer than %(most)d letters.", most=LONGEST_NOTE), field="note"
        )
    hold_caps(document.customer_id)
    if _receivers_of_a_day(document.customer_id) + len(wanted) > MOST_A_DAY:
        raise TooMany(
            _("That is more than %(most)d receivers within a day. Go on tomorrow.", most=MOST_A_DAY)
        )
    forward = DocumentForward(
        customer_id=document.customer_id,
        document_id=document.id,
        portal_user_id=actor.id,
        addresses=wanted,
        note=text,
    )
    db.session.add(forward)
    db.session.flush()
    note_event(PortalEventKind.FORWARDED, document, ip=ip, to=wanted)
    return forward


def checked_addresses(written: Iterable[str]) -> list[str]:
    """The addresses in these texts, each once, however it is written; raises Invalid."""
    found: dict[str, str] = {}
    for text in (part for each in written for part in BETWEEN.split(each) if part):
        try:
            address = EmailAddress.parse(text)
        except InvalidAddress:
            raise Invalid(
                _("“%(email)s” is not an e-mail address.", email=text[:100]), field="addresses"
            ) from None
        found.setdefault(address.normalised, str(address))
        if len(found) > MOST_RECEIVERS:
            raise Invalid(
                _("A document goes to %(most)d addresses at a time.", most=MOST_RECEIVERS),
                field="addresses",
            )
    if not found:
        raise Invalid(_("Write at least one address."), field="addresses")
    return list(found.values())


def forwards_of(document: Document) -> list[ForwardState]:
    """The last forwards of a document, the newest first."""
    forwards = db.session.scalars(LAST, {"document": document.id}).all()
    if not forwards:
        return []
    keys = [key_of(each, at) for each in forwards for at in range(len(each.addresses))]
    rows = db.session.execute(
        select(Delivery.idempotency_key, DeliveryState.state)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .where(Delivery.idempotency_key.in_(keys))
    )
    states: dict[str, DeliveryStatus] = {key: state for key, state in rows}  # noqa: C416
    return [
        ForwardState(
            each,
            [(address, states.get(key_of(each, at))) for at, address in enumerate(each.addresses)],
        )
        for each in forwards
    ]


def cause_of(forward: DocumentForward, at: int) -> str:
    """What one of its messages is written about, once."""
    return f"document_forward:{forward.id}:{at}"


def key_of(forward: DocumentForward, at: int) -> str:
    """The key of that message in the ledger."""
    return f"evt:{cause_of(forward, at)}"


def _receivers_of_a_day(customer_id: int) -> int:
    query = select(func.coalesce(func.sum(func.cardinality(DocumentForward.addresses)), 0)).where(
        DocumentForward.customer_id == customer_id,
        DocumentForward.created_at > utc_now() - timedelta(days=1),
    )
    return int(db.session.scalar(query) or 0)
