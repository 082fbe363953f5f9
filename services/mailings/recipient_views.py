"""The views of a mailing's list: which part of it is asked for, and the conditions that say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from models.any_of import is_any_of
from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.partly_sent import came_back, is_partly_sent, partly_sent
from services.mailings.progress import WAITING


class Outcome(StrEnum):
    """The views of the list; *not received* is made of those after it, any other line is in one of them.

    What only some of several recipients got, or came back later, was sent, and was not received.
    """

    ALL = "all"
    SENT = "sent"
    NOT_RECEIVED = "not_received"
    CAME_BACK = "came_back"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    EXCLUDED = "excluded"
    WAITING = "waiting"
    REPLACED = "replaced"
    CANCELLED = "cancelled"

    def has(
        self, state: DeliveryStatus, reason: ReasonCode | None, *, came_back: bool = False
    ) -> bool:
        """Whether a message in this state is part of the view."""
        if self is Outcome.CAME_BACK:
            return came_back
        if state is DeliveryStatus.CANCELLED:
            own = Outcome.REPLACED if reason is ReasonCode.MANUAL else Outcome.CANCELLED
            return self in {Outcome.ALL, own}
        if is_partly_sent(state, reason) and self is Outcome.NOT_RECEIVED:
            return True
        return state in STATES_OF.get(self, ())

    @property
    def has_exclusions(self) -> bool:
        """Whether those who were left out at register are part of the view."""
        return self in {Outcome.ALL, Outcome.NOT_RECEIVED, Outcome.EXCLUDED}


STATES_OF: dict[Outcome, frozenset[DeliveryStatus]] = {
    Outcome.ALL: frozenset(DeliveryStatus),
    Outcome.SENT: frozenset({DeliveryStatus.SENT}),
    Outcome.NOT_RECEIVED: frozenset(
        {DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED, DeliveryStatus.SKIPPED}
    ),
    Outcome.FAILED: frozenset({DeliveryStatus.FAILED}),
    Outcome.UNCONFIRMED: frozenset({DeliveryStatus.UNCONFIRMED}),
    Outcome.EXCLUDED: frozenset({DeliveryStatus.SKIPPED}),
    Outcome.WAITING: frozenset(WAITING),
}
MANY = 10_000
TROUBLE = {
    Outcome.NOT_RECEIVED,
    Outcome.CAME_BACK,
    Outcome.FAILED,
    Outcome.UNCONFIRMED,
    Outcome.EXCLUDED,
}


@dataclass(frozen=True)
class Wanted:
    """Which part of the list is asked for."""

    outcome: Outcome = Outcome.ALL
    reason: ReasonCode | None = None
    search: str = ""

    @property
    def is_narrowed(self) -> bool:
        return self.reason is not None or bool(self.search)


def of_messages(mailing: Mailing, wanted: Wanted) -> ColumnElement[bool]:
    """What the wanted messages have in common; for queries over deliveries with their states."""
    conditions: list[ColumnElement[bool]] = [
        Delivery.mailing_id == mailing.id,
        Delivery.kind.in_(FOR_CUSTOMERS),
        # Said of both tables: whichever is read first is read by its index.
        DeliveryState.mailing_id == mailing.id,
    ]
    outcome = wanted.outcome
    if outcome in {Outcome.REPLACED, Outcome.CANCELLED}:
        by_hand = DeliveryState.reason_code == ReasonCode.MANUAL
        conditions.append(DeliveryState.state == DeliveryStatus.CANCELLED)
        conditions.append(by_hand if outcome is Outcome.REPLACED else ~by_hand)
    elif outcome is Outcome.NOT_RECEIVED:
        conditions.append(or_(DeliveryState.state.in_(STATES_OF[outcome]), partly_sent()))
    elif outcome is Outcome.CAME_BACK:
        conditions.append(came_back())
    elif outcome is not Outcome.ALL:
        conditions.append(DeliveryState.state.in_(STATES_OF[outcome]))
    if outcome in TROUBLE or outcome in {Outcome.REPLACED, Outcome.CANCELLED}:
        conditions.append(DeliveryState.reason_code.is_not(None))  # they have an index of their own
    if wanted.reason is not None:
        conditions.append(DeliveryState.reason_code == wanted.reason)
    if wanted.search:
        conditions.append(_found(mailing, wanted.search))
    return and_(*conditions)


def of_exclusions(mailing: Mailing, wanted: Wanted) -> ColumnElement[bool]:
    """What the wanted exclusions have in common; for queries with customer and document."""
    if not wanted.outcome.has_exclusions:
        return false()
    missed = aliased(Document)
    return and_(
        *MailingExclusion.in_force(mailing.id),
        true() if wanted.reason is None else MailingExclusion.reason_code == wanted.reason,
        or_(
            Customer.search_text.like(func.fold(like_pattern(wanted.search))),
            func.lower(MailingExclusion.address).like(like_pattern(wanted.search.lower())),
            Document.label.ilike(like_pattern(wanted.search)),
            exists().where(
                missed.id == func.any(MailingExclusion.document_ids),
                missed.label.ilike(like_pattern(wanted.search)),
            ),
        )
        if wanted.search
        else true(),
    )


def _found(mailing: Mailing, search: str) -> ColumnElement[bool]:
    """The messages that these words find: by customer, number, or any address that they go to.

    Few are looked up once and named by their keys: the planner takes words that are in one of a hundred customers
    for far rarer, or far more frequent. Words that are everywhere are found soonest row by row, since a page is full
    then after some of them.
    """
    in_customer = Customer.search_text.like(func.fold(like_pattern(search)))
    by_address = Delivery.recipient_norm.like(like_pattern(search.lower()))
    by_copy = DeliveryCopy.address_norm.like(like_pattern(search.lower()))
    documents = select(Document.id).where(
        Document.search_text.like(func.fold(like_pattern(search))),
        Document.label.ilike(like_pattern(search)),
    )
    customers = select(Customer.id).where(in_customer)
    found = _keys_found(mailing, customers, documents, by_address, by_copy)
    if found is not None:
        return is_any_of(Delivery.id, found)
    label = aliased(Document)
    return or_(
        in_customer,
        by_address,
        exists().where(
            DeliveryDocument.delivery_id == Delivery.id,
            label.id == DeliveryDocument.document_id,
            label.label.ilike(like_pattern(search)),
        ),
        exists().where(DeliveryCopy.delivery_id == Delivery.id, by_copy),
    )


def _keys_found(
    mailing: Mailing,
    customers: Select[int],
    documents: Select[int],
    by_address: ColumnElement[bool],
    by_copy: ColumnElement[bool],
) -> Sequence[int] | None:
    """The keys of the messages that are found in one way or another; None if they are many."""
    of_customers, of_documents = _few(customers), _few(documents)
    if of_customers is None or of_documents is None:
        return None
    with_documents = _few(
        select(DeliveryDocument.delivery_id).where(
            is_any_of(DeliveryDocument.document_id, of_documents)
        )
    )
    with_copies = _few(
        select(DeliveryCopy.delivery_id).where(
            DeliveryCopy.delivery_id.between(*span_of(mailing)), by_copy
        )
    )
    if with_documents is None or with_copies is None:
        return None
    return _few(
        select(Delivery.id).where(
            Delivery.mailing_id == mailing.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            or_(
                is_any_of(Delivery.customer_id, of_customers),
                is_any_of(Delivery.id, [*with_documents, *with_copies]),
                by_address,
            ),
        )
    )


def span_of(mailing: Mailing) -> tuple[int, int]:
    """The first and the last key of the mailing's messages."""
    row = db.session.execute(
        select(func.min(Delivery.id), func.max(Delivery.id)).where(
            Delivery.mailing_id == mailing.id
        )
    ).one()
    return row[0] or 0, row[1] or 0


def _few(query: Select[int]) -> Sequence[int] | None:
    """These keys, or None if there are too many to name."""
    keys = db.session.scalars(query.limit(MANY + 1)).all()
    return keys if len(keys) <= MANY else None


def like_pattern(search: str) -> str:
    """For LIKE: these very characters, anywhere."""
    escaped = search.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
