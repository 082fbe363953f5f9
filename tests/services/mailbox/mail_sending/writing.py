"""A message is written, leaves at once, and is read where it came to."""

from datetime import timedelta
from email import message_from_bytes
from email.message import Message as Parsed
from email.policy import default as modern
from typing import Any

from jobs.mail_sending import send_written
from models.base import db, utc_now
from models.mailbox.mail_draft import DraftKind, MailDraft
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.drafts import draft_to_keep, keep
from services.mailbox.mail_sending import leave
from settings import Settings
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer


def written(
    person: User, kind: DraftKind = DraftKind.NEW, follows: Any = None, **fields: Any
) -> MailDraft:
    """A draft as the page keeps it."""
    draft, _new = draft_to_keep(uuid7(), person, kind, follows)
    values = {**draft.fields, "account_id": draft.account_id, "customer_id": draft.customer_id}
    keep(draft, {**values, **fields}, revision=0)
    db.session.commit()
    return draft


def send_now(draft: MailDraft, person: User, settings: Settings) -> None:
    """Asked for, and its ten seconds are over."""
    leave(draft, person)
    draft.leaves_at = utc_now() - timedelta(seconds=1)
    db.session.commit()
    send_written()
    make_dispatch(settings).work(stays=is_under_way, seconds=20)
    send_written()
    db.session.expire_all()


def received(server: RecordingSmtpServer) -> Parsed:
    [message] = server.accepted
    return message_from_bytes(message.raw, policy=modern)
