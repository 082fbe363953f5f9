"""Portal users and their sessions."""

from typing import Any

from models.base import db, utc_now
from models.people.contact import Contact
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, RequestState
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from services.portal.portal_sessions import open_session
from tests.factories.people import make_contact
from tests.factories.saving import saved


def make_portal_user(
    customer: Customer, contact: Contact | None = None, **fields: Any
) -> PortalUser:
    """Somebody who is validated at this customer, as a contact of theirs."""
    contact = contact or make_contact(customer)
    values = {"email": contact.emails[0].address, "name": contact.name, **fields}
    user: PortalUser = saved(PortalUser(**values))
    saved(
        PortalMembership(
            portal_user_id=user.id,
            customer_id=customer.id,
            contact_id=contact.id,
            state=MembershipState.VALIDATED,
            validated_at=utc_now(),
        )
    )
    return user


def make_access_request(**fields: Any) -> AccessRequest:
    """Of somebody who waits for staff, and was looked at by the worker."""
    values = {
        "state": RequestState.PENDING_VALIDATION,
        "name": "Teresa Ordaz",
        "email": "teresa@guemes.test",
        "company_name": "Almacenes Guemes",
        "match_score": 0,
        **fields,
    }
    request: AccessRequest = saved(AccessRequest(email_norm=values["email"], **values))
    return request


def portal_name() -> str:
    """Of the organization in scope."""
    name: str = db.session.query(PortalSettings.name).scalar()
    return name


def sign_in_to_portal(browser: Any, user: PortalUser) -> None:
    """Give this browser the user's cookie, at their first membership; commits."""
    token = open_session(user, user.memberships[0], hours=1, ip=None, user_agent=None)
    db.session.commit()
    browser.set_cookie("portal", token)
