"""Links by which staff set a password themselves: an invitation, or after it was forgotten.

Made by who administers everything, or for an address that was written at the door. The token is told once, to
whoever makes the link and to the user's mailbox; the table knows its hash only.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from errors import Conflict, NotFound
from models.audit_trail import record_event
from models.base import db, utc_now
from models.people.organization import Organization
from models.people.password_link import PasswordLink, PasswordLinkKind
from models.people.user import User
from models.tenancy import current_scope
from services.mailbox.default_senders import account_for_notices
from services.people.passwords import set_password
from services.people.sign_in import end_other_sessions, token_hash
from services.people.staff_emails import staff_forgot_password, staff_was_invited

INVITATION_DAYS = 7
RESET_HOURS = 24
LIFETIMES = {
    PasswordLinkKind.INVITATION: timedelta(days=INVITATION_DAYS),
    PasswordLinkKind.RESET: timedelta(hours=RESET_HOURS),
}


@dataclass(frozen=True)
class NewLink:
    """A link with its key, to be shown once; `sent_from` is the account that brings it to the user, if there is one."""

    user: User
    kind: PasswordLinkKind
    url: str = field(repr=False)
    ends_at: datetime
    sent_from: str | None


def was_never_here(user: User) -> bool:
    """Whether an invitation makes sense: the user is active and has not signed in yet."""
    return user.is_active and user.last_signed_in_at is None


def invite(user: User, *, base_url: str) -> NewLink:
    """A new invitation, in place of an earlier one; raises Conflict for who has signed in or is switched off."""
    if not was_never_here(user):
        raise Conflict(_("%(name)s has signed in already, or is switched off.", name=user.name))
    return _make(user, PasswordLinkKind.INVITATION, base_url)


def offer_reset(user: User, *, base_url: str) -> NewLink:
    """A link for a new password; the present one stays good until the link is used. Raises Conflict."""
    if not user.is_active:
        raise Conflict(_("%(name)s is switched off.", name=user.name))
    return _make(user, PasswordLinkKind.RESET, base_url)


def link_with_token(token: str) -> PasswordLink:
    """The link, if it can be used; looking does not use it up. Raises NotFound."""
    found: PasswordLink | None = db.session.scalar(
        select(PasswordLink)
        .join(User, User.id == PasswordLink.user_id)
        .where(PasswordLink.token_hash == token_hash(token), PasswordLink.used_at.is_(None))
        .where(PasswordLink.ends_at > utc_now(), User.is_active)
    )
    if found is None:
        raise _no_such_link()
    return found


def use_link(token: str, password: str) -> tuple[User, PasswordLinkKind]:
    """Set the password and use the link up; all sessions of the user end, and all other links.

    Two requests at once: the second waits for the first and finds the link used. Raises NotFound, or Invalid for
    a password that will not do (roll back, and the link stays good).
    """
    user = _locked(link_with_token(token).user_id)
    kind = db.session.scalar(
        update(PasswordLink)
        .where(PasswordLink.token_hash == token_hash(token), PasswordLink.used_at.is_(None))
        .where(PasswordLink.ends_at > utc_now())
        .values(used_at=utc_now())
        .returning(PasswordLink.kind)
        .execution_options(synchronize_session=False)
    )
    if kind is None or not user.is_active:
        raise _no_such_link()
    set_password(user, password)
    user.failed_sign_ins, user.locked_until = 0, None
    forget_links(user)
    end_other_sessions(user)
    record_event(
        db.session(),
        entity="user",
        entity_id=user.id,
        action="set_password",
        after={"by": kind.value},
    )
    db.session.flush()
    return user, kind


def forget_links(user: User, kind: PasswordLinkKind | None = None) -> None:
    """End the user's unused links: the password or the address that they were made for is another one now."""
    unused = delete(PasswordLink).where(
        PasswordLink.user_id == user.id, PasswordLink.used_at.is_(None)
    )
    if kind is not None:
        unused = unused.where(PasswordLink.kind == kind)
    db.session.execute(unused.execution_options(synchronize_session=False))


def _make(user: User, kind: PasswordLinkKind, base_url: str) -> NewLink:
    _locked(user.id)  # two at once make two links, one after the other; the second one stays
    forget_links(user, kind)
    token = secrets.token_urlsafe(32)
    link = PasswordLink(
        user_id=user.id,
        kind=kind,
        token_hash=token_hash(token),
        ends_at=utc_now() + LIFETIMES[kind],
    )
    db.session.add(link)
    db.session.flush()
    url = f"{base_url.rstrip('/')}/password/{token}"
    sent_from = _send(user, link, url)
    record_event(
        db.session(),
        entity="user",
        entity_id=user.id,
        action="invite" if kind is PasswordLinkKind.INVITATION else "offer_reset",
        after={"until": link.ends_at.isoformat(), "sent_from": sent_from},
    )
    return NewLink(user, kind, url, link.ends_at, sent_from)


def _send(user: User, link: PasswordLink, url: str) -> str | None:
    """Write the e-mail, if the organization in scope has an account that can send; returns its address."""
    organization_id = current_scope().organization_id
    if organization_id is None:
        return None
    account = account_for_notices()
    if account is None:
        return None
    organization = db.session.get_one(Organization, organization_id)
    if link.kind is PasswordLinkKind.INVITATION:
        staff_was_invited(
            account, user, organization, link_id=link.id, url=url, days=INVITATION_DAYS
        )
    else:
        staff_forgot_password(
            account, user, organization, link_id=link.id, url=url, hours=RESET_HOURS
        )
    return account.address


def _locked(user_id: int) -> User:
    """The user's row, ours until the transaction ends."""
    return db.session.scalars(
        select(User)
        .where(User.id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _no_such_link() -> NotFound:
    return NotFound(
        _("This link was used already, is too old, or a newer one took its place. Ask for another.")
    )
