"""Representatives who have not begun: the access e-mail where their group says so, and reminders by the clock (S0-10, X0-11)."""

import logging
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db, utc_now
from models.people.contact import CustomerContact
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_user import MembershipState, PortalMembership
from models.tenancy import Actor, across_organizations, acting_in
from services.portal.group_levels import GroupSettings, levels_of
from services.portal.invitations import membership_for, require_portal, send_invitation
from services.portal.portal_addresses import portal_url
from services.portal.portal_emails import access_email, uses_portal
from services.portal.portal_keys import make_key

MOST_AT_ONCE = 200
logger = logging.getLogger(__name__)


def add_representative(link: CustomerContact) -> PortalMembership:
    """Note that this contact is to enter for this customer. The access e-mail leaves now if the group says so.

    Raises Conflict where the group does not use the portal, or they are one already; Invalid without an address.
    """
    require_portal(link)
    membership = membership_for(link)
    db.session.flush()
    if GroupSettings(link.customer.customer_group).said("invites_at_once").value:
        send_invitation(membership)
        db.session.flush()
    return membership


def write_to_all_who_have_not_begun() -> int:
    """In every organization; each one is committed. Returns how many e-mails were written; twice does no harm."""
    with across_organizations():
        keys = db.session.scalars(select(Organization.id).order_by(Organization.id)).all()
    written = 0
    for key in keys:
        db.session.rollback()
        with acting_in(key, actor=Actor(source="job", name="portal")):
            try:
                written += write_to_who_have_not_begun()
                db.session.commit()
            except Exception:  # another organization's must leave all the same
                logger.exception("invitations of organization %s failed", key)
                db.session.rollback()
    return written


def write_to_who_have_not_begun() -> int:
    """The access e-mail to whom it was never sent, a reminder to whom one is due; returns how many."""
    written = 0
    for membership in _waiting():
        settings = GroupSettings(membership.customer.customer_group)
        if not settings.said("invites_at_once").value or not uses_portal(membership.customer):
            continue
        if membership.invited_at is None:
            written += send_invitation(membership) is not None
        elif _is_due(membership, settings.reminder_days()):
            written += _remind(membership) is not None
        if written >= MOST_AT_ONCE:
            break
    db.session.flush()
    return written


def count_never_written_to(group: CustomerGroup | None) -> int:
    """How many representatives of a group would get the access e-mail today."""
    waiting = [each.customer for each in _waiting(locked=False) if each.invited_at is None]
    if group is None:
        return sum(1 for each in waiting if uses_portal(each))
    return sum(1 for each in waiting if group.id in levels_of(each.customer_group))


def _waiting(*, locked: bool = True) -> list[PortalMembership]:
    """Who was let in and has not begun; locked, so that two workers do not write to the same person."""
    query = (
        select(PortalMembership)
        .where(
            PortalMembership.state == MembershipState.INVITED,
            PortalMembership.started_at.is_(None),
        )
        .order_by(PortalMembership.id)
        .options(joinedload(PortalMembership.customer), joinedload(PortalMembership.portal_user))
    )
    if locked:
        query = query.with_for_update(of=PortalMembership, skip_locked=True)
    return list(db.session.scalars(query))


def _is_due(membership: PortalMembership, days: list[int]) -> bool:
    sent = membership.reminders_sent
    if membership.invited_at is None or sent >= len(days):
        return False
    return utc_now() >= membership.invited_at + timedelta(days=days[sent])


def _remind(membership: PortalMembership) -> int | None:
    """A new link; the schedule goes on counting from the invitation."""
    membership.reminders_sent += 1
    token = make_key(membership.portal_user, PortalTokenKind.INVITATION, membership=membership)
    return access_email(membership, portal_url(f"/invitation/{token}"))
