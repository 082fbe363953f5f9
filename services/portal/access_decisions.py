"""Staff decide on a request for access: to which customer, as whom, or not at all (P-12)."""

import logging
from collections.abc import Collection
from datetime import UTC

from flask_babel import gettext as _
from sqlalchemy import select

from errors import AppError, Conflict, Invalid, NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.contact import Contact, ContactEmail, ContactRole, ContactSource, CustomerContact
from models.people.customer import Customer
from models.portal.access_request import NEXT_REQUEST_STATES, AccessRequest, RequestState
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.states import move
from models.tenancy import Actor, across_organizations, acting_in, current_scope
from services.portal.access_matches import matches_of
from services.portal.access_requests import known_user, the_request
from services.portal.access_undo import hold_back, look_before
from services.portal.contact_emails import secondary_added
from services.portal.invitations import require_portal
from services.portal.members import validate
from services.portal.portal_emails import access_request_received
from services.portal.user_names import free_user_name, hold_names

logger = logging.getLogger(__name__)
CLOCK = Actor(kind="system", source="job")


def receive_requests() -> int:
    """Look for the customer of every request that came in, and tell staff; returns how many. Commits as it goes.

    Not at the door: its time would tell who is a customer.
    """
    received = 0
    for request_id, organization_id in _unseen():
        with acting_in(organization_id, actor=CLOCK):
            request = the_request(request_id)
            if request is not None and _is_unseen(request):
                found = matches_of(request)
                request.match_score = found[0].score if found else 0
                request.matched_customer_id = found[0].customer.id if found else None
                _tell_staff(request)
                received += 1
            db.session.commit()
    return received


def approve(
    request_id: int, customer: Customer, *, contact_id: int | None, roles: Collection[str]
) -> PortalMembership:
    """Let them in for this customer, as this contact of it or as a new one; they are told once (S0-13),
    after the moment in which it can be taken back.

    Raises Conflict for a request that was decided by somebody else, or a group without the portal.
    """
    request = _waiting(request_id)
    known = _link(customer, contact_id)
    before = look_before(request, customer, known)
    link = known or _new_contact(request, customer)
    _know_address(request, link.contact)
    require_portal(link)
    told = [secondary_added(customer, link.contact)] if known is None else []
    link.roles = [role.value for role in ContactRole if role.value in roles]
    membership = _membership(request, link)
    if membership.state is not MembershipState.VALIDATED:
        told.append(validate(membership))
    request.matched_customer_id = customer.id
    request.portal_membership_id = membership.id
    _decide(request, RequestState.VALIDATED, "approve", customer=customer.number)
    hold_back(request, before, link, told)
    return membership


def reject(request_id: int, why: str) -> None:
    """Keep them out, for a reason that staff read later. Raises Invalid without one, Conflict."""
    if not why.strip():
        raise Invalid(_("Say why."), field="why")
    request = _waiting(request_id)
    request.rejected_because = why.strip()[:1000]
    _decide(request, RequestState.REJECTED, "reject", reason=request.rejected_because)


def known_contact(request: AccessRequest, customer: Customer) -> CustomerContact | None:
    """The contact of this customer that has the address of the request."""
    found: CustomerContact | None = db.session.scalar(
        select(CustomerContact)
        .join(ContactEmail, ContactEmail.contact_id == CustomerContact.contact_id)
        .where(CustomerContact.customer_id == customer.id)
        .where(ContactEmail.address_norm == request.email_norm)
        .order_by(CustomerContact.is_primary.desc(), CustomerContact.id)
        .limit(1)
    )
    return found


def _waiting(request_id: int) -> AccessRequest:
    request = the_request(request_id)
    if request is None:
        raise NotFound(_("There is no such request."))
    db.session.refresh(request)
    if request.state is not RequestState.PENDING_VALIDATION:
        raise Conflict(_("Somebody has decided on this request already."))
    return request


def _link(customer: Customer, contact_id: int | None) -> CustomerContact | None:
    if contact_id is None:
        return None
    found: CustomerContact | None = db.session.scalar(
        select(CustomerContact).where(
            CustomerContact.customer_id == customer.id, CustomerContact.contact_id == contact_id
        )
    )
    if found is None:
        raise NotFound(_("This customer has no such contact."))
    return found


def _new_contact(request: AccessRequest, customer: Customer) -> CustomerContact:
    contact = Contact(
        name=request.name,
        job_title=request.job_title,
        phone=request.phone,
        lang=request.lang,
        source=ContactSource.ACCESS_REQUEST,
    )
    contact.emails.append(ContactEmail(address=request.email, address_norm=request.email_norm))
    db.session.add(contact)
    db.session.flush()
    has_primary = db.session.scalar(
        select(CustomerContact.id).where(
            CustomerContact.customer_id == customer.id, CustomerContact.is_primary
        )
    )
    link = CustomerContact(
        customer_id=customer.id, contact_id=contact.id, is_primary=has_primary is None, roles=[]
    )
    db.session.add(link)
    db.session.flush()
    return link


def _know_address(request: AccessRequest, contact: Contact) -> None:
    """The address was shown to be theirs, whatever we knew of them; mail goes where it went."""
    if any(each.address_norm == request.email_norm for each in contact.emails):
        return
    has_default = any(each.is_default for each in contact.emails)
    contact.emails.append(
        ContactEmail(
            address=request.email, address_norm=request.email_norm, is_default=not has_default
        )
    )
    db.session.flush()


def _membership(request: AccessRequest, link: CustomerContact) -> PortalMembership:
    """Of whoever has the address already, else of a new user, who signs in by links until they set a password."""
    user = _user(request)
    found: PortalMembership | None = db.session.scalar(
        select(PortalMembership).where(
            PortalMembership.portal_user_id == user.id,
            PortalMembership.customer_id == link.customer_id,
        )
    )
    if found is not None:
        found.contact_id = link.contact_id
        return found
    membership = PortalMembership(
        portal_user_id=user.id,
        customer_id=link.customer_id,
        contact_id=link.contact_id,
        state=MembershipState.PENDING_VALIDATION,
        started_at=request.created_at.astimezone(UTC),
    )
    db.session.add(membership)
    db.session.flush()
    return membership


def _user(request: AccessRequest) -> PortalUser:
    hold_names()  # who is let in twice at once is one user
    known = known_user(request)
    if known is not None:
        return known
    user = PortalUser(
        email=request.email,
        login=free_user_name(request.email),
        name=request.name,
        lang=request.lang,
        email_verified_at=utc_now(),
        terms_revision=request.terms_revision,
        terms_accepted_at=request.terms_accepted_at,
    )
    db.session.add(user)
    db.session.flush()
    return user


def _decide(request: AccessRequest, to: RequestState, action: str, **about: str) -> None:
    move(request, to=to, following=NEXT_REQUEST_STATES)
    actor = current_scope().actor
    request.decided_by_id = actor.id if actor.kind == "user" else None
    request.decided_at = utc_now()
    record_event(
        db.session(), entity="access_request", entity_id=request.id, action=action, after=about
    )
    db.session.flush()


def _tell_staff(request: AccessRequest) -> None:
    try:
        access_request_received(request)
    except AppError as problem:  # such as an address that cannot be written to
        logger.warning("nobody hears of access request %s: %s", request.id, type(problem).__name__)


def _is_unseen(request: AccessRequest) -> bool:
    return request.state is RequestState.PENDING_VALIDATION and request.match_score is None


def _unseen() -> list[tuple[int, int]]:
    with across_organizations():
        rows = db.session.execute(
            select(AccessRequest.id, AccessRequest.organization_id)
            .where(AccessRequest.state == RequestState.PENDING_VALIDATION)
            .where(AccessRequest.match_score.is_(None))
            .order_by(AccessRequest.id)
        ).all()
    return [(row.id, row.organization_id) for row in rows]
