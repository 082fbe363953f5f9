"""What time brings: scheduled mailings begin; commits as it goes.

What dead senders have left behind is taken up by `dispatch.Dispatch`, which looks for it each time.
"""

import logging

from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import AppError, Conflict
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.user import User
from models.tenancy import across_organizations, acting_in, because
from services.mailbox.senders import NotTheirAccount
from services.mailings.flow import start, unschedule

logger = logging.getLogger(__name__)


def start_scheduled() -> int:
    """Start every mailing whose moment has come; returns how many.

    They leave in the name of whoever registered them: one whose account that person may not use any more waits for
    somebody again, and so does one whose person was deleted.
    """
    with across_organizations():
        due = db.session.execute(
            select(Mailing.id, Mailing.organization_id, Mailing.registered_by_id).where(
                Mailing.state == MailingState.SCHEDULED, Mailing.scheduled_at <= func.now()
            )
        ).all()
    started = 0
    for mailing_id, organization_id, user_id in due:
        with acting_in(organization_id):
            try:
                start(mailing_id, on_behalf_of=_registrar(user_id))
            except NotTheirAccount as problem:
                db.session.rollback()
                _put_back(mailing_id, problem)
            except AppError as problem:  # somebody was faster, or it was cancelled
                logger.info("mailing %s did not start: %s", mailing_id, type(problem).__name__)
                db.session.rollback()
            else:
                db.session.commit()
                started += 1
    return started


def _registrar(user_id: int | None) -> User | None:
    """None: the organization itself, by a command. Whoever is gone may use less than anybody."""
    if user_id is None:
        return None
    user = db.session.get(User, user_id)
    if user is None:
        raise NotTheirAccount(
            _(
                "Whoever registered this mailing is not a user any more: somebody else has to start it."
            )
        )
    return user


def _put_back(mailing_id: int, problem: NotTheirAccount) -> None:
    logger.warning("mailing %s did not start: its sender may not use the account", mailing_id)
    because(problem.message)
    try:
        unschedule(mailing_id)
        db.session.commit()
    except Conflict:  # somebody was faster
        db.session.rollback()
