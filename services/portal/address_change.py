"""A portal user has another address: asked for with the password, true once the new address says so (X0-07)."""

from flask_babel import gettext as _

from errors import Invalid
from models.audit_trail import record_event
from models.base import db, utc_now
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_user import PortalUser
from services.people.contacts import checked_address, correct_address
from services.portal.access_emails import address_changed
from services.portal.portal_addresses import portal_url
from services.portal.portal_emails import email_change
from services.portal.portal_keys import forget_keys, make_key, no_such_key, use_key
from services.portal.user_names import is_taken


def ask_for_change(user: PortalUser, address: str) -> None:
    """Send a link to the new address; nothing changes before it is used. Raises Invalid for what is no address."""
    written, norm = checked_address(address)
    if norm == user.email_norm:
        raise Invalid(_("This is your address already."), field="address")
    token = make_key(user, PortalTokenKind.EMAIL_CHANGE, new_email=written)
    email_change(user, written, portal_url(f"/security/address/{token}"))
    record_event(
        db.session(), entity="portal_user", entity_id=user.id, action="ask_for_address_change"
    )


def confirm_change(token: str) -> PortalUser:
    """The new address is theirs: links that lie in the old mailbox open nothing any more, and it hears of it."""
    key = use_key(token, PortalTokenKind.EMAIL_CHANGE)
    if key.new_email is None:
        raise no_such_key()
    user, former, new = key.portal_user, key.portal_user.email, key.new_email
    was_login = user.login_norm == user.email_norm
    user.email = user.email_norm = new
    user.email_verified_at = utc_now()
    if was_login and not is_taken(new, user):
        user.login = user.login_norm = new
    forget_keys(
        user,
        PortalTokenKind.MAGIC_LINK,
        PortalTokenKind.PASSWORD_RESET,
        PortalTokenKind.EMAIL_CHANGE,
    )
    _tell_contacts(user, former, new)
    address_changed(user, former)
    db.session.flush()
    return user


def _tell_contacts(user: PortalUser, former: str, new: str) -> None:
    """Where the customers know this person by the former address, mail goes to the new one."""
    for membership in user.memberships:
        norms = {each.address_norm for each in membership.contact.emails}
        if former.lower() in norms and new.lower() not in norms:
            correct_address(membership.contact, former.lower(), new)
