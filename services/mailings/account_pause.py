"""Pausing a whole account, with the reason: one refusal is enough, 8,000 are not better."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import case, func, select, update

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
# A refusal that a line heard with the old server, login or password says nothing about the new ones.
CURED_BY_A_CHANGE = ONLY_A_PERSON_CURES | {ReasonCode.TLS_FAILED, ReasonCode.CONNECT_FAILED}


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
        paused_at=func.now(),
        **_one_failure_more(),
    )
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account_id,
        action="pause",
        after={"reason": reason.value, "detail": detail},
    )


def account_works(account_id: int) -> None:
    """Messages were taken, or would be: earlier failures do not count any more."""
    _change(
        account_id,
        paused_reason=None,
        paused_detail=None,
        paused_until=None,
        paused_at=None,
        consecutive_failures=0,
        failing_since=None,
        last_good_at=func.now(),
    )


def account_sent(account_id: int) -> None:
    """A run of an account without trouble has sent something: told once a run, not once a message."""
    _change(account_id, last_good_at=func.now())


def account_failed(account_id: int, *, counts: bool = True) -> None:
    """Something did not work that pauses nothing; what hinders no sending does not count as a failure in a row."""
    values = _one_failure_more() if counts else {"last_bad_at": func.now()}
    _change(account_id, **values)


def turn_burst_off(account_id: int) -> None:
    """The server has answered oddly to an envelope in the same burst as a body."""
    _change(account_id, wants_burst=False)
    record_event(db.session(), entity="mail_account", entity_id=account_id, action="burst_off")


def _one_failure_more() -> dict[str, object]:
    is_first = MailAccount.consecutive_failures == 0
    since = func.coalesce(MailAccount.failing_since, func.now())
    return {
        "last_bad_at": func.now(),
        "failing_since": case((is_first, func.now()), else_=since),
        "consecutive_failures": MailAccount.consecutive_failures + 1,
    }


def _change(account_id: int, *conditions: object, **values: object) -> None:
    db.session.execute(
        update(MailAccount)
        .where(MailAccount.id == account_id, *conditions)  # type: ignore[arg-type]
        .values(**values)
        .execution_options(synchronize_session=False)
    )
