"""What time brings: scheduled mailings begin; commits as it goes.

What dead senders have left behind is taken up by `dispatch.Dispatch`, which looks for it each time.
"""

import logging

from sqlalchemy import func, select

from errors import AppError
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import across_organizations, acting_in
from services.mailings.flow import start

logger = logging.getLogger(__name__)


def start_scheduled() -> int:
    """Start every mailing whose moment has come; returns how many."""
    with across_organizations():
        due = db.session.execute(
            select(Mailing.id, Mailing.organization_id).where(
                Mailing.state == MailingState.SCHEDULED, Mailing.scheduled_at <= func.now()
            )
        ).all()
    started = 0
    for mailing_id, organization_id in due:
        with acting_in(organization_id):
            try:
                start(mailing_id)
            except AppError as problem:  # somebody was faster, or it was cancelled
                logger.info("mailing %s did not start: %s", mailing_id, type(problem).__name__)
                db.session.rollback()
            else:
                db.session.commit()
                started += 1
    return started
