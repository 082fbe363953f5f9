"""Who of a customer may enter the portal, and what staff do about it: let in, keep out, suspend, sign out."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from errors import Invalid, NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.portal.portal_session import PortalSession, PortalTokenKind
from models.portal.portal_user import (
    NEXT_MEMBERSHIP_STATES,
    MembershipState,
    PortalMembership,
)
from models.states import move
from models.tenancy import current_scope
from services.portal.portal_emails import validation_confirmed
from services.portal.portal_keys import forget_keys, lock_user
from services.portal.portal_sessions import end_sessions_of

FURTHEST = (
    MembershipState.VALIDATED,
    MembershipState.PENDING_VALIDATION,
    MembershipState.INVITED,
    MembershipState.SUSPENDED,
    MembershipState.REJECTED,
)


@dataclass(frozen=True)
class Member:
    """A contact of a customer, and how far they have got; `browsers` is in how many they are signed in."""

    link: CustomerContact
    membership: PortalMembership | None
    browsers: int

    @property
    def address(self) -> str | None:
        emails = self.link.contact.emails
        found = next((each for each in emails if each.is_default), None) or next(iter(emails), None)
        return found.address if found else None


def members_of(customer: Customer) -> list[Member]:
    """All contacts of a customer, the primary one first."""
    links = db.session.scalars(
        CustomerContact.of_customer(customer).options(
            joinedload(CustomerContact.contact).selectinload(Contact.emails)
        )
    ).all()
    memberships: Sequence[PortalMembership] = db.session.scalars(
        PortalMembership.of_customer(customer).options(joinedload(PortalMembership.portal_user))
    ).all()
    of_contact = {each.contact_id: each for each in memberships}
    browsers = _browsers([each.portal_user_id for each in memberships])
    return [
        Member(link, found, browsers.get(found.portal_user_id, 0) if found else 0)
        for link in links
        for found in [of_contact.get(link.contact_id)]
    ]


def portal_states_of(contact_ids: Sequence[int]) -> dict[int, list[MembershipState]]:
    """Of each of these contacts, how far they have got at their customers; the furthest one first."""
    states: dict[int, list[MembershipState]] = {key: [] for key in contact_ids}
    rows = db.session.execute(
        select(PortalMembership.contact_id, PortalMembership.state).where(
            PortalMembership.contact_id.in_(contact_ids)
        )
    )
    for contact_id, state in rows:
        states[contact_id].append(state)
    return {key: sorted(found, key=FURTHEST.index) for key, found in states.items()}


def link_of(customer: Customer, contact_id: int) -> CustomerContact:
    """A contact as the one of this customer. Raises NotFound."""
    found: CustomerContact | None = db.session.scalar(
        select(CustomerContact).where(
            CustomerContact.customer_id == customer.id, CustomerContact.contact_id == contact_id
        )
    )
    if found is None:
        raise NotFound(_("This customer has no such contact."))
    return found


def validate(membership: PortalMembership) -> int | None:
    """Let them in; the confirmation goes to them once (S0-13). Returns its delivery. Raises Conflict."""
    was_rejected = membership.state is MembershipState.REJECTED
    _decide(membership, MembershipState.VALIDATED, "validate")
    membership.rejected_because = None if was_rejected else membership.rejected_because
    db.session.flush()
    return validation_confirmed(membership)


def suspend(membership: PortalMembership) -> None:
    """Keep them out from the next click on; links that lie in a mailbox open nothing any more. Raises Conflict."""
    lock_user(membership.portal_user_id)
    _decide(membership, MembershipState.SUSPENDED, "suspend")
    forget_keys(membership.portal_user, PortalTokenKind.INVITATION)
    db.session.flush()


def resume(membership: PortalMembership) -> None:
    """Let them in again. Who had not begun is to be invited instead. Raises Conflict."""
    _decide(membership, MembershipState.VALIDATED, "resume")
    db.session.flush()


def reject(membership: PortalMembership, why: str) -> None:
    """Keep them out for a reason. Raises Invalid without one, Conflict for who is in."""
    reason = why.strip()
    if not reason:
        raise Invalid(_("Say why."), field="why")
    lock_user(membership.portal_user_id)
    _decide(membership, MembershipState.REJECTED, "reject", reason=reason)
    membership.rejected_because = reason[:1000]
    forget_keys(membership.portal_user, PortalTokenKind.INVITATION)
    db.session.flush()


def sign_out_everywhere(membership: PortalMembership) -> int:
    """End all browsers of this person; returns how many."""
    ended = end_sessions_of(membership.portal_user_id)
    record_event(
        db.session(),
        entity="portal_user",
        entity_id=membership.portal_user_id,
        action="sign_out",
        after={"sessions": ended},
    )
    return ended


def _decide(
    membership: PortalMembership, to: MembershipState, action: str, *, reason: str | None = None
) -> None:
    move(membership, to=to, following=NEXT_MEMBERSHIP_STATES)
    if to is MembershipState.VALIDATED:
        membership.validated_at = membership.validated_at or utc_now()
    actor = current_scope().actor
    membership.decided_by_id = actor.id if actor.kind == "user" else None
    record_event(
        db.session(),
        entity="portal_membership",
        entity_id=membership.id,
        action=action,
        after={"user": membership.portal_user.login, "reason": reason},
    )


def _browsers(user_ids: list[int]) -> dict[int, int]:
    rows = db.session.execute(
        select(PortalSession.portal_user_id, func.count())
        .where(PortalSession.portal_user_id.in_(user_ids), PortalSession.revoked_at.is_(None))
        .where(PortalSession.ends_at > utc_now())
        .group_by(PortalSession.portal_user_id)
    )
    return {user_id: count for user_id, count in rows if user_id is not None}
