"""Who leaves takes nothing along, whichever way they go: a place that ends, a user who is switched off (X4-08).

As the audit does, this listens to sessions: so screens, bulk changes, imports, jobs and commands are all covered. What
ends is noted at each flush and carried out before the transaction ends, in every organization concerned.
"""

from typing import Any

from sqlalchemy import event, inspect, select
from sqlalchemy.orm import Session

from models.base import db
from models.mailbox.account_default import AccountDefault
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.user import User
from models.tenancy import across_organizations, acting_in
from services.mailbox.account_grants import let_go_of_leavers
from services.people.sign_in import end_other_sessions

PLACES, PEOPLE = "places_that_ended", "people_who_left"  # in a session's `info`


def switch_off(user: User) -> None:
    """Nobody signs in as this user any more, and what they were named for ends; `is_active` alone does the same."""
    user.is_active = False
    db.session.flush()
    _carry_out(db.session())


def switch_on(user: User) -> None:
    """The user signs in again; what they were named for is decided anew."""
    user.is_active = True
    db.session.flush()


def install() -> None:
    """Listen to every session of this process; called once by `create_app`."""
    for name, listener in (("after_flush", _note), ("before_commit", _carry_out)):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)


def _note(session: Session, flush_context: Any) -> None:
    for record in session.deleted:
        if isinstance(record, UserMembership):
            session.info.setdefault(PLACES, set()).add(record.organization_id)
    for record in session.dirty:
        if isinstance(record, UserMembership) and _has_changed(record, "user_id"):
            session.info.setdefault(PLACES, set()).add(record.organization_id)
        elif isinstance(record, User) and _has_changed(record, "is_active", "is_global_admin"):
            session.info.setdefault(PEOPLE, set()).add(record.id)


def _has_changed(record: Any, *names: str) -> bool:
    return any(inspect(record).attrs[name].history.has_changes() for name in names)


def _carry_out(session: Session) -> None:
    session.flush()
    places = session.info.pop(PLACES, set())
    people = session.info.pop(PEOPLE, set())
    for user_id in sorted(people):
        user = session.get(User, user_id)
        if user is not None and not user.is_active:
            end_other_sessions(user)
    for organization_id in sorted(places | _organizations_of(people)):
        with acting_in(organization_id):
            let_go_of_leavers()


def _organizations_of(user_ids: set[int]) -> set[int]:
    """Where these people have something to do with mail accounts."""
    if not user_ids:
        return set()
    found: set[int] = set()
    with across_organizations():
        for model, whose in (
            (AccountGrant, AccountGrant.user_id),
            (AccountDefault, AccountDefault.user_id),
            (MailAccount, MailAccount.owner_id),
        ):
            query = select(model.organization_id).where(whose.in_(user_ids)).distinct()
            found.update(db.session.scalars(query))
    return found
