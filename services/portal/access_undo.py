"""For a moment after somebody was let in, it can be taken back as if it had never been: nobody is told before that.

What the decision made is noted with the request: what was there before stays, whatever else it is good for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from errors import Conflict
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.portal.access_request import NEXT_REQUEST_STATES, AccessRequest, RequestState
from models.portal.portal_event import PortalEvent
from models.portal.portal_session import PortalSession
from models.portal.portal_user import PortalMembership, PortalUser
from models.states import move
from models.tenancy import current_scope
from services.portal.access_requests import known_user, the_request
from services.portal.portal_keys import lock_user

# The notice with the button stays for ten seconds, longer below the pointer.
HELD = timedelta(seconds=15)


@dataclass(frozen=True)
class Before:
    """What there was of somebody before they were let in."""

    user_id: int | None
    is_member: bool
    contact_id: int | None
    addresses: tuple[int, ...]
    roles: tuple[str, ...]
    matched_customer_id: int | None


def look_before(
    request: AccessRequest, customer: Customer, known: CustomerContact | None
) -> Before:
    """What is there of the requester; `known` is the contact of this customer that they are said to be."""
    user = known_user(request)
    member = select(PortalMembership.id).where(
        PortalMembership.portal_user_id == (user.id if user else None),
        PortalMembership.customer_id == customer.id,
    )
    return Before(
        user_id=user.id if user else None,
        is_member=db.session.scalar(member) is not None,
        contact_id=known.contact_id if known else None,
        addresses=tuple(each.id for each in known.contact.emails) if known else (),
        roles=tuple(known.roles) if known else (),
        matched_customer_id=request.matched_customer_id,
    )


def hold_back(
    request: AccessRequest, before: Before, link: CustomerContact, told: list[int | None]
) -> None:
    """Let what is written wait for a moment, and note what was made, so that it can be taken back. Whoever was a member already stays one."""
    deliveries = [each for each in told if each is not None]
    if before.is_member:
        return
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id.in_(deliveries))
        .values(not_before=func.now() + HELD)
    )
    request.made = {
        "deliveries": deliveries,
        "is_new_user": before.user_id is None,
        "is_new_contact": before.contact_id is None,
        "link": link.id,
        "roles": list(before.roles),
        "addresses": [each.id for each in link.contact.emails if each.id not in before.addresses],
        "matched": before.matched_customer_id,
    }
    db.session.flush()


def can_be_taken_back(request: AccessRequest) -> bool:
    """Whether this person may still do so: it is their decision, and its moment is not over."""
    actor = current_scope().actor
    return (
        request.state is RequestState.VALIDATED
        and request.made is not None
        and request.decided_at is not None
        and request.decided_at > utc_now() - HELD
        and actor.kind == "user"
        and request.decided_by_id == actor.id
    )


def take_back(request_id: int) -> AccessRequest:
    """The request waits again, and what letting them in made is gone. Raises Conflict if they have been told, or are in."""
    request = the_request(request_id)
    too_late = Conflict(
        _("It was too late to take it back. On the page of the customer you can suspend them.")
    )
    if request is None:
        raise too_late
    db.session.refresh(request, with_for_update=True)
    decided_at, made = request.decided_at, request.made
    if not can_be_taken_back(request) or decided_at is None or made is None:
        raise too_late
    membership = db.session.get_one(PortalMembership, request.portal_membership_id)
    user = lock_user(membership.portal_user_id)
    if _is_in(user, membership, decided_at) or not _are_waiting(made["deliveries"]):
        raise too_late
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Delivery).where(Delivery.id.in_(made["deliveries"])))
            request.portal_membership_id = request.decided_by_id = request.decided_at = None
            request.matched_customer_id, request.made = made["matched"], None
            move(request, to=RequestState.PENDING_VALIDATION, following=NEXT_REQUEST_STATES)
            db.session.flush()
            _unmake(membership, user, made)
            db.session.flush()
    except IntegrityError:  # they have asked for more meanwhile, or somebody has written to them
        raise too_late from None
    record_event(
        db.session(), entity="access_request", entity_id=request.id, action="take_back", after={}
    )
    db.session.flush()
    return request


def _is_in(user: PortalUser, membership: PortalMembership, since: datetime) -> bool:
    """Whether they have signed in since, or gone on here from another customer of theirs."""
    if user.last_signed_in_at is not None and user.last_signed_in_at > since:
        return True
    stands_here = exists().where(PortalSession.portal_membership_id == membership.id)
    was_here = exists().where(
        PortalEvent.customer_id == membership.customer_id,
        PortalEvent.portal_user_id == user.id,
        PortalEvent.at > since,
    )
    return bool(db.session.scalar(select(or_(stands_here, was_here))))


def _are_waiting(deliveries: list[int]) -> bool:
    """Whether none has left; whoever sends them has to wait for us from now on."""
    states = db.session.execute(
        select(DeliveryState.state, DeliveryState.attempt_count)
        .where(DeliveryState.delivery_id.in_(deliveries))
        .with_for_update()
    ).all()
    return all(row.state is DeliveryStatus.QUEUED and not row.attempt_count for row in states)


def _unmake(membership: PortalMembership, user: PortalUser, made: dict[str, Any]) -> None:
    """Take away what was made, as far as nobody has found another use for it meanwhile."""
    link = db.session.get_one(CustomerContact, made["link"])
    contact: Contact = link.contact
    user.memberships.remove(membership)
    db.session.flush()
    if made["is_new_user"] and not user.memberships:
        db.session.delete(user)
    if made["is_new_contact"]:
        db.session.delete(link)
        db.session.flush()
        others = exists().where(CustomerContact.contact_id == contact.id)
        if not db.session.scalar(select(others)):
            db.session.delete(contact)
    else:
        link.roles = made["roles"]
        for email in [each for each in contact.emails if each.id in made["addresses"]]:
            contact.emails.remove(email)
