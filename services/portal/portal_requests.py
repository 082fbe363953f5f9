"""Somebody wants a link or their names by e-mail: written down at the door, answered by a worker.

The door does the same for every address, so neither its answer nor its time tells who is a customer here.
"""

import logging

from sqlalchemy import delete, select, text

from errors import AppError
from models.base import db
from models.portal.portal_request import PortalRequest, PortalRequestKind
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import Actor, across_organizations, acting_in
from services.portal.invitations import send_invitation
from services.portal.memberships import open_memberships
from services.portal.portal_addresses import portal_url
from services.portal.portal_credentials import users_reached
from services.portal.portal_emails import forgotten_user_name, magic_link, password_reset
from services.portal.portal_keys import make_key

logger = logging.getLogger(__name__)
ALONE = text("SELECT pg_try_advisory_xact_lock(700_031)")
STRANGER = Actor(kind="stranger", source="job")
MOST_LINKS = 5  # to one address at a time


def note_request(kind: PortalRequestKind, written: str, *, browser_hash: str | None = None) -> None:
    """Write down that this address or name wants something, whoever it belongs to."""
    db.session.add(PortalRequest(kind=kind, written=written, browser_hash=browser_hash))
    db.session.flush()


def answer_requests() -> int:
    """Write to everybody who asked and has a way into the portal; returns how many e-mails. Commits as it goes."""
    sent = 0
    while (found := _oldest()) is not None:
        with acting_in(found.organization_id, actor=STRANGER):
            kind, written, browser_hash = found.kind, found.written, found.browser_hash
            _take_away(kind, written)
            try:
                sent += _answer(kind, written, browser_hash)
            except AppError as problem:  # such as an address that cannot be written to
                db.session.rollback()
                logger.warning(
                    "a request at the portal came to nothing: %s", type(problem).__name__
                )
                _take_away(kind, written)
            except Exception:  # a fault of ours: all others who wait must be answered all the same
                db.session.rollback()
                logger.exception("a request at the portal was not answered")
                _take_away(kind, written)
            db.session.commit()
    return sent


def _oldest() -> PortalRequest | None:
    """The oldest request of any organization; one worker at a time."""
    if not db.session.scalar(ALONE):
        db.session.rollback()
        return None
    with across_organizations():
        oldest: PortalRequest | None = db.session.scalar(
            select(PortalRequest).order_by(PortalRequest.id).limit(1)
        )
    if oldest is None:
        db.session.rollback()
    return oldest


def _take_away(kind: PortalRequestKind, written: str) -> None:
    """With all others of the same address that want the same."""
    db.session.execute(
        delete(PortalRequest)
        .where(PortalRequest.kind == kind, PortalRequest.written == written)
        .execution_options(synchronize_session=False)
    )


def _answer(kind: PortalRequestKind, written: str, browser_hash: str | None) -> int:
    users = users_reached(written)
    if kind is PortalRequestKind.USER_NAMES:
        known = [user for user in users if user.email_norm == written]
        return int(bool(known) and forgotten_user_name(known[0].email, known) is not None)
    return sum(_link_for(user, kind, browser_hash) for user in users[:MOST_LINKS])


def _link_for(user: PortalUser, kind: PortalRequestKind, browser_hash: str | None) -> int:
    """The link that was asked for; who has not begun yet gets the invitation once more."""
    invited = _invitation_of(user)
    if invited is not None:
        return int(send_invitation(invited) is not None)
    if not open_memberships(user):
        return 0
    if kind is PortalRequestKind.MAGIC_LINK:
        token = make_key(user, PortalTokenKind.MAGIC_LINK, browser_hash=browser_hash)
        return int(magic_link(user, portal_url(f"/sign-in/link/{token}")) is not None)
    token = make_key(user, PortalTokenKind.PASSWORD_RESET)
    return int(password_reset(user, portal_url(f"/password/{token}")) is not None)


def _invitation_of(user: PortalUser) -> PortalMembership | None:
    if user.last_signed_in_at is not None or user.password_hash is not None:
        return None
    if any(each.state is MembershipState.VALIDATED for each in user.memberships):
        return None
    invited = (each for each in user.memberships if each.state is MembershipState.INVITED)
    return next(invited, None)
