"""Pausing a whole account, with the reason: one refusal is enough, 8,000 are not better."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select, update

from models.audit_trail import record_event
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode

PAUSES = (60.0, 300.0, 900.0, 3600.0)  # seconds, by consecutive failures
ONLY_A_PERSON_CURES = {
    ReasonCode.AUTH_FAILED,  # providers lock accounts that keep trying
    ReasonCode.CONSENT_LOST,
    ReasonCode.FROM_NOT_ALLOWED,
    ReasonCode.ACCOUNT_DISABLED,
}


def pause_account(
    account_id: int, reason: ReasonCode, detail: str, *, pauses: Sequence[float] = PAUSES
) -> None:
    """Let nothing leave through the account for a while, or until a person has cured the cause."""
    failures = db.session.scalars(
        select(MailAccount.consecutive_failures).where(MailAccount.id == account_id)
    ).one()
    seconds = pauses[min(failures, len(pauses) - 1)]
    waits_for_person = reason in ONLY_A_PERSON_CURES
    _change(
        account_id,
        paused_reason=reason.value,
        paused_detail=detail,
        paused_until=None if waits_for_person else func.now() + timedelta(seconds=seconds),
        consecutive_failures=MailAccount.consecutive_failures + 1,
    )
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account_id,
        action="pause",
        after={"reason": reason.value, "detail": detail},
    )


def account_works(account_id: int) -> None:
    """Messages were taken: earlier failures do not count any more."""
    _change(
        account_id,
        MailAccount.consecutive_failures > 0,
        paused_reason=None,
        paused_detail=None,
        paused_until=None,
        consecutive_failures=0,
    )


def turn_burst_off(account_id: int) -> None:
    """The server has answered oddly to an envelope in the same burst as a body."""
    _change(account_id, wants_burst=False)
    record_event(db.session(), entity="mail_account", entity_id=account_id, action="burst_off")


def _change(account_id: int, *conditions: object, **values: object) -> None:
    db.session.execute(
        update(MailAccount)
        .where(MailAccount.id == account_id, *conditions)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
