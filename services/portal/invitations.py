"""Staff let a contact into the portal by a link (S0-10, X0-06): nobody ever sets a password for somebody else."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.contact import Contact, CustomerContact
from models.people.customer_group import CustomerGroup
from models.portal.portal_session import PortalToken, PortalTokenKind
from models.portal.portal_user import (
    NEXT_MEMBERSHIP_STATES,
    MembershipState,
    PortalMembership,
    PortalUser,
)
from models.states import move
from services.people.passwords import set_password
from services.portal.portal_addresses import portal_url
from services.portal.portal_emails import access_email
from services.portal.portal_keys import key_with_token, make_key, no_such_key, use_key
from services.portal.user_names import check_user_name, free_user_name, hold_names, is_taken


@dataclass(frozen=True)
class Acceptance:
    """What somebody who was invited has chosen; `password` None: they sign in by links only."""

    login: str
    password: str | None
    terms_revision: int | None = None


def invite(link: CustomerContact) -> PortalMembership:
    """Let this contact in for this customer, by a link; a second time sends a new link.

    Raises Conflict where the group does not use the portal or the contact has got in already, Invalid without an
    address.
    """
    require_portal(link)
    membership = membership_of(link)
    if membership is None:
        membership = membership_for(link)
    elif membership.state is not MembershipState.INVITED:
        move(membership, to=MembershipState.INVITED, following=NEXT_MEMBERSHIP_STATES)
        membership.rejected_because = None
    _follow_address(membership, link)
    delivery = send_invitation(membership)
    record_event(
        db.session(),
        entity="portal_membership",
        entity_id=membership.id,
        action="invite",
        after={"email": membership.portal_user.email, "delivery": delivery},
    )
    db.session.flush()
    return membership


def membership_for(link: CustomerContact) -> PortalMembership:
    """Note that this contact is to get in; nothing is written to them yet.

    Raises Conflict for who is noted already, Invalid without an address.
    """
    hold_names()  # who is invited twice at once is one user
    if membership_of(link) is not None:
        raise Conflict(
            _("“%(name)s” is a representative of this customer already.", name=link.contact.name)
        )
    membership = PortalMembership(
        portal_user=_user_for(link),
        customer_id=link.customer_id,
        contact_id=link.contact_id,
        state=MembershipState.INVITED,
    )
    db.session.add(membership)
    db.session.flush()
    return membership


def send_invitation(membership: PortalMembership) -> int | None:
    """Make a new link and write it to the contact; earlier ones end. Returns the delivery, if an account can send."""
    membership.invited_at = utc_now()
    membership.reminders_sent = 0
    token = make_key(membership.portal_user, PortalTokenKind.INVITATION, membership=membership)
    return access_email(membership, portal_url(f"/invitation/{token}"))


def membership_of(link: CustomerContact) -> PortalMembership | None:
    """How far this contact has got at this customer."""
    found: PortalMembership | None = db.session.scalar(
        select(PortalMembership)
        .where(PortalMembership.customer_id == link.customer_id)
        .where(PortalMembership.contact_id == link.contact_id)
        .order_by(PortalMembership.id.desc())
        .limit(1)
    )
    return found


def require_portal(link: CustomerContact) -> None:
    """Raise Conflict where the customer's group does not use the portal (S0-02)."""
    group_id = link.customer.customer_group_id
    if group_id is None:
        return
    group = db.session.get_one(CustomerGroup, group_id)
    if not group.uses_portal:
        raise Conflict(
            _(
                "The group “%(group)s” does not use the portal. Switch it on there first.",
                group=group.name,
            )
        )


def invitation_with_token(token: str) -> tuple[PortalToken, PortalMembership]:
    """Who is invited to what; looking changes nothing. Raises NotFound."""
    key = key_with_token(token, PortalTokenKind.INVITATION)
    return key, _invited(key)


def is_first_time(user: PortalUser) -> bool:
    """Whether the user has still to choose how to sign in."""
    return user.last_signed_in_at is None and user.password_hash is None


def accept_invitation(token: str, choice: Acceptance | None) -> PortalMembership:
    """Use the invitation up and let the contact in; `choice` is None for who has a way in already.

    Raises NotFound, or Invalid for a name or password that will not do (roll back, and the link stays good).
    """
    membership = _invited(use_key(token, PortalTokenKind.INVITATION))
    user, now = membership.portal_user, utc_now()
    if choice is not None and is_first_time(user):
        _begin(user, choice)
    user.email_verified_at = user.email_verified_at or now
    membership.started_at = membership.started_at or now
    membership.validated_at = membership.validated_at or now
    move(membership, to=MembershipState.VALIDATED, following=NEXT_MEMBERSHIP_STATES)
    record_event(
        db.session(),
        entity="portal_membership",
        entity_id=membership.id,
        action="accept_invitation",
        after={"login": user.login},
    )
    db.session.flush()
    return membership


def _invited(key: PortalToken) -> PortalMembership:
    """The membership of an invitation; one that was suspended or rejected meanwhile opens nothing."""
    membership: PortalMembership = db.session.get_one(
        PortalMembership, key.portal_membership_id, populate_existing=True
    )
    if membership.state is not MembershipState.INVITED:
        raise no_such_key()
    return membership


def _begin(user: PortalUser, choice: Acceptance) -> None:
    user.login = user.login_norm = check_user_name(choice.login, user)
    if choice.password is not None:
        set_password(user, choice.password)
    if choice.terms_revision is not None:
        user.terms_revision, user.terms_accepted_at = choice.terms_revision, utc_now()


def _user_for(link: CustomerContact) -> PortalUser:
    """Whoever has this address already, unless they are another contact of this customer; else a new user."""
    contact = link.contact
    address = address_of(contact)
    others = select(PortalMembership.portal_user_id).where(
        PortalMembership.customer_id == link.customer_id
    )
    known: PortalUser | None = db.session.scalar(
        select(PortalUser)
        .where(PortalUser.email_norm == address.lower(), PortalUser.is_active)
        .where(PortalUser.id.not_in(others))
        .order_by(PortalUser.id)
        .limit(1)
    )
    if known is not None:
        return known
    user = PortalUser(
        email=address,
        login=free_user_name(address),
        name=contact.name,
        lang=contact.lang or link.customer.lang,
    )
    db.session.add(user)
    db.session.flush()
    return user


def _follow_address(membership: PortalMembership, link: CustomerContact) -> None:
    """Who has not begun is written to where the contact is now: the address was corrected, perhaps."""
    user, address = membership.portal_user, address_of(link.contact)
    if not is_first_time(user) or user.email_norm == address.lower():
        return
    was_login = user.login_norm == user.email_norm
    user.email = user.email_norm = address
    if was_login and not is_taken(address, user):
        user.login = user.login_norm = address


def address_of(contact: Contact) -> str:
    """The address that mail goes to; raises Invalid where there is none."""
    found = next((each for each in contact.emails if each.is_default), None)
    chosen = found or next(iter(contact.emails), None)
    if chosen is None:
        raise Invalid(_("“%(name)s” has no e-mail address.", name=contact.name), field="email")
    return chosen.address
