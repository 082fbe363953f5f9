"""A server is left alone for a while after it failed; whoever corrects how it is called does not wait for that (S3-03)."""

from typing import Any

from sqlalchemy import inspect, update

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sync import MailSync

# Not the password: whoever polls knows of a new one by when it was written.
HOW_IT_IS_CALLED = ("imap_host", "imap_port", "imap_security", "imap_login", "login")


def ask_again_if_corrected(account: MailAccount) -> None:
    """Before it is flushed: it is this mailbox's turn if it failed and another place or name was written. The caller commits."""
    state: Any = inspect(account)
    if not state.persistent:
        return
    if any(state.attrs[name].history.has_changes() for name in HOW_IT_IS_CALLED):
        db.session.execute(
            update(MailSync)
            .where(MailSync.account_id == account.id, MailSync.failures_in_a_row > 0)
            .values(next_poll_at=utc_now())
            .execution_options(synchronize_session=False)
        )
