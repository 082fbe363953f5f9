"""The requests for access as staff look through them."""

import uuid
from collections.abc import Sequence
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select

from errors import NotFound
from models.base import db
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, RequestState

MOST = 100
MOST_FOUND = 8


class Pile(StrEnum):
    """Which of them."""

    WAITING = "waiting"
    VALIDATED = "validated"
    REJECTED = "rejected"
    ALL = "all"


STATES = {
    Pile.WAITING: (RequestState.PENDING_VALIDATION,),
    Pile.VALIDATED: (RequestState.VALIDATED,),
    Pile.REJECTED: (RequestState.REJECTED,),
    Pile.ALL: tuple(RequestState),
}
UNFINISHED = (RequestState.REQUESTED, RequestState.EMAIL_VERIFIED)


def pile_of(request: AccessRequest) -> Pile:
    """Where this one lies."""
    found = (pile for pile in (Pile.WAITING, Pile.VALIDATED, Pile.REJECTED))
    return next((pile for pile in found if request.state in STATES[pile]), Pile.ALL)


def requests_in(pile: Pile) -> Sequence[AccessRequest]:
    """Those that wait with the oldest first, all others with the newest."""
    order = AccessRequest.id if pile is Pile.WAITING else AccessRequest.id.desc()
    return db.session.scalars(
        select(AccessRequest)
        .where(AccessRequest.state.in_(STATES[pile]))
        .order_by(order)
        .limit(MOST)
    ).all()


def counts() -> dict[RequestState, int]:
    """How many there are in each state."""
    rows = db.session.execute(
        select(AccessRequest.state, func.count().label("amount")).group_by(AccessRequest.state)
    )
    return {row.state: row.amount for row in rows}


def count_waiting() -> int:
    """How many staff have to decide on, but for those whose answer is waited for."""
    last = AccessRequest.enquiries[-1]
    return (
        db.session.scalar(
            select(func.count(AccessRequest.id))
            .where(AccessRequest.state == RequestState.PENDING_VALIDATION)
            .where(or_(last.is_(None), last["answered_at"].as_string().is_not(None)))
        )
        or 0
    )


def request_known_as(public_id: uuid.UUID) -> AccessRequest:
    """The request with this public name. Raises NotFound."""
    found: AccessRequest | None = db.session.scalar(
        select(AccessRequest).where(AccessRequest.public_id == public_id)
    )
    if found is None:
        raise NotFound(_("There is no such request."))
    return found


def customers_called(words: str) -> Sequence[Customer]:
    """Customers whose name, number or tax id holds these words."""
    wanted = words.strip()
    if not wanted:
        return []
    holds: ColumnElement[bool] = or_(
        Customer.search_text.contains(func.fold(wanted), autoescape=False),
        Customer.number == wanted,
    )
    return db.session.scalars(
        select(Customer).where(holds).order_by(Customer.sort_name, Customer.id).limit(MOST_FOUND)
    ).all()
