"""What a test says of its account: working, failing, or to be let rest until somebody has cured it (X4-07)."""

from collections.abc import Sequence

from sqlalchemy import select

from mail.step_log import Result, Side, StepReport
from models.audit_trail import record_event
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.reason import ReasonCode
from services.mailbox.health_emails import notify_suspended, notify_works_again
from services.mailbox.server_limits import note_told_limit
from services.mailings.account_pause import (
    ONLY_A_PERSON_CURES,
    account_failed,
    account_works,
    pause_account,
)


def note_check(account_id: int, version: int, reports: Sequence[StepReport], base_url: str) -> None:
    """Write the outcome at the account, unless somebody has changed the account since the test began."""
    account = db.session.scalar(
        select(MailAccount)
        .where(MailAccount.id == account_id, MailAccount.version == version)
        .execution_options(populate_existing=True)
    )
    if account is None:
        return
    note_told_limit(account_id, reports)
    bad = [report for report in reports if report.result is Result.BAD]
    hindering = next((report for report in bad if report.side is Side.SMTP), None)
    if hindering is not None:
        _sending_fails(account, hindering, base_url)
        return
    _sending_works(account, base_url)
    if bad:  # it can send all the same
        account_failed(account.id, counts=False)


def _sending_works(account: MailAccount, base_url: str) -> None:
    has_rested = account.paused_reason is not None and account.paused_until is None
    if account.paused_reason is not None:
        record_event(
            db.session(),
            entity="mail_account",
            entity_id=account.id,
            action="resume",
            before={"reason": account.paused_reason},
        )
    account_works(account.id)
    if has_rested:
        notify_works_again(account, base_url)


def _sending_fails(account: MailAccount, report: StepReport, base_url: str) -> None:
    reason = ReasonCode(report.reason_code) if report.reason_code else None
    if reason in ONLY_A_PERSON_CURES and account.paused_reason != reason:
        pause_account(account.id, reason, report.answer[:500])
        notify_suspended(account.id, base_url)
    else:
        account_failed(account.id)
