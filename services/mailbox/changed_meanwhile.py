"""What somebody else did to an account between the showing and the saving of its row (L-20)."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.system.audit_event import AuditEvent

LOOKED_BACK = 50
# What the product writes by itself.
OF_THE_SENDER = {
    *("paused_until", "paused_reason", "paused_detail", "paused_at", "consecutive_failures"),
    "failing_since",
    *("last_good_at", "last_bad_at", "folders", "wants_burst"),
}


@dataclass(frozen=True, kw_only=True)
class SomebodyElse:
    """Who it was and when, and by column what stands there now."""

    name: str
    at: datetime | None
    columns: tuple[str, ...] = ()
    is_gone: bool = False
    is_new: bool = False


def what_somebody_else_did(account: MailAccount | None, shown: str) -> SomebodyElse | None:
    """The changes of the account since the version in `shown` (`made_from`), told from the audit.

    None if nothing changed that people enter, such as when the sender noted that it works.
    """
    nobody = _("Somebody else")
    if account is None:
        return SomebodyElse(name=nobody, at=None, is_gone=True)
    public_id, _dot, version = shown.rpartition(".")
    is_new = public_id != str(account.public_id)
    passed = account.version - int(version) if version.isdecimal() and not is_new else 1
    history = AuditEvent.history_of("mail_account", account.id)
    if not is_new:
        history = history.where(AuditEvent.action == "update")
    events = list(db.session.scalars(history.limit(min(max(passed, 1), LOOKED_BACK))))
    columns = {name for event in events for name in (event.after or {})} - OF_THE_SENDER
    if not columns and not is_new:
        return None
    return SomebodyElse(
        name=(events[0].actor_name if events else None) or nobody,
        at=events[0].at if events else None,
        columns=tuple(sorted(columns)),
        is_new=is_new,
    )
