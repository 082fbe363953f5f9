"""A mailing that has to let a message leave (again): it may be open, at rest, or have ended."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, update

from errors import Conflict
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailbox.senders import person_in_scope, require_sender
from services.mailings.flow import account_of, locked_state, resume_account

ENDED_BY_ITSELF = {MailingState.FINISHED, MailingState.FINISHED_WITH_ERRORS}


def make_room(mailing_id: int) -> DeliveryStatus:
    """Lock the mailing, open it again if it had ended, and return the state that its rows take now.

    While it is being sent they are *queued*, else *prepared*: they leave with the start. A pause of the
    account that waits for a person ends: here is one. Raises Conflict for a draft or a cancelled mailing,
    NotTheirAccount for whoever may not send as its account.
    """
    state = locked_state(mailing_id)
    require_sender(account_of(mailing_id), person_in_scope())
    if state is MailingState.CANCELLED:
        raise Conflict(_("This mailing is cancelled."))
    if state is MailingState.DRAFT:
        raise Conflict(_("This mailing is not registered yet."))
    if state in ENDED_BY_ITSELF:
        change_state(
            *(mailing_id, state, MailingState.SENDING),
            action="reopen",
            finished_at=None,
            answers_since=func.now(),  # what was refused before is known
        )
        state = MailingState.SENDING
    else:
        renew(mailing_id)
    if state is not MailingState.SENDING:
        return DeliveryStatus.PREPARED
    resume_account(account_of(mailing_id))
    return DeliveryStatus.QUEUED


def renew(mailing_id: int) -> None:
    """Give it a new version: whoever has counted what had ended counts again (`row_sums.py`)."""
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(version=Mailing.version + 1)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def change_state(
    mailing_id: int, before: MailingState, after: MailingState, *, action: str, **values: Any
) -> None:
    """Follow what the rows say, and write it down; the caller holds the mailing's lock."""
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id)
        .values(state=after, version=Mailing.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing_id,
        action=action,
        before={"state": before.value},
        after={"state": after.value},
    )
