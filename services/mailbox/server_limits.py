"""How large a message the server of an account takes, as it says when it is greeted (RFC 1870): known before one writes (S3-37)."""

from collections.abc import Sequence

from sqlalchemy import update

from mail.step_log import Side, StepReport
from models.base import db
from models.mailbox.mail_account import MailAccount


def largest_message_of(account: MailAccount, otherwise: int) -> int:
    """Bytes of a message: what somebody has set, or this, unless the server has said that it takes less."""
    wanted = account.largest_message_bytes or otherwise
    return min(wanted, account.server_largest_bytes or wanted)


def note_server_limit(account_id: int, longest: int | None) -> None:
    """Written only when it has changed; None for a server that names no limit."""
    db.session.execute(
        update(MailAccount)
        .where(
            MailAccount.id == account_id,
            MailAccount.server_largest_bytes.is_distinct_from(longest),
        )
        .values(server_largest_bytes=longest)
        .execution_options(synchronize_session=False)
    )


def note_told_limit(account_id: int, reports: Sequence[StepReport]) -> None:
    """What a test of the account was told; nothing if it did not come so far."""
    told = [
        report.facts["longest_message"]
        for report in reports
        if report.side is Side.SMTP and "longest_message" in report.facts
    ]
    if told:
        longest = told[-1]
        note_server_limit(account_id, longest if isinstance(longest, int) else None)
