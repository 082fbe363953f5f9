"""For which customers somebody may enter the portal: validated there, an active contact, in a group that uses it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser


def open_memberships(user: PortalUser) -> Sequence[PortalMembership]:
    """Where this user may enter, in the order of the customers' names."""
    return db.session.scalars(_open_to(user)).all()


def open_membership(user: PortalUser, membership_id: int) -> PortalMembership | None:
    """This one, if the user may enter there."""
    found: PortalMembership | None = db.session.scalar(
        _open_to(user).where(PortalMembership.id == membership_id)
    )
    return found


def waits(user: PortalUser) -> bool:
    """Whether somebody has still to validate the user at a customer."""
    return any(each.state is MembershipState.PENDING_VALIDATION for each in user.memberships)


def _open_to(user: PortalUser) -> Select[Any]:
    return (
        select(PortalMembership)
        .join(Customer, Customer.id == PortalMembership.customer_id)
        .join(
            CustomerContact,
            (CustomerContact.customer_id == PortalMembership.customer_id)
            & (CustomerContact.contact_id == PortalMembership.contact_id),
        )
        .join(Contact, Contact.id == PortalMembership.contact_id)
        .outerjoin(CustomerGroup, CustomerGroup.id == Customer.customer_group_id)
        .where(
            PortalMembership.portal_user_id == user.id,
            PortalMembership.state == MembershipState.VALIDATED,
            Contact.is_active,
            func.coalesce(CustomerGroup.uses_portal, True),
        )
        .order_by(Customer.sort_name, PortalMembership.id)
        .options(joinedload(PortalMembership.customer))
    )
