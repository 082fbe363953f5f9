"""What has happened in a conversation while somebody was writing an answer (X3-01): two should not answer the same question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select

from models.base import db
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message import Message
from models.mailbox.thread import Thread
from models.people.user import User
from services.mailbox.conversation import thread_of
from services.mailbox.readers import is_readable_by

MOST = 3  # that are told of: the newest
NO_NEWS = (FolderRole.DRAFTS, FolderRole.TRASH, FolderRole.JUNK)
ANSWERS = (DraftKind.REPLY, DraftKind.REPLY_ALL)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Somebody's message: it has come or gone at that moment, or leaves then."""

    name: str
    at: datetime
    is_answer: bool  # a colleague's, written here
    leaves: bool = False


def meanwhile(thread: Thread, since: datetime, person: User) -> Sequence[Meanwhile]:
    """What others have written in this conversation since then; the oldest first.

    A message as far as this person may read it. That a colleague has answered is told wherever they did it from: it is the same
    question.
    """
    found = [*_answers(thread, since, person), *_messages(thread, since, person)]
    return sorted(found, key=lambda each: each.at)[-MOST:]


def happened_since_begun(
    draft: MailDraft, begun: datetime | None, person: User
) -> Sequence[Meanwhile]:
    """The same for a draft that answers, since its page was opened: before the first word, if that is known."""
    if draft.kind not in ANSWERS or draft.follows is None:
        return ()
    since = min(filter(None, (begun, draft.created_at)))
    return meanwhile(thread_of(draft.follows), since, person)


def _answers(thread: Thread, since: datetime, person: User) -> list[Meanwhile]:
    rows = db.session.execute(
        select(User.name, MailDraft.leaves_at, MailDraft.state)
        .join(MailDraft, MailDraft.user_id == User.id)
        .join(Message, Message.id == MailDraft.follows_id)
        .where(
            Message.thread_id == thread.id,
            MailDraft.user_id != person.id,
            MailDraft.state.in_((DraftState.LEAVING, DraftState.SENT)),
            MailDraft.leaves_at > since,
            MailDraft.kind.in_(ANSWERS),
        )
        .order_by(MailDraft.leaves_at.desc())
        .limit(MOST)
    )
    return [
        Meanwhile(row.name, row.leaves_at, is_answer=True, leaves=row.state is DraftState.LEAVING)
        for row in rows
    ]


def _messages(thread: Thread, since: datetime, person: User) -> list[Meanwhile]:
    """Of a message that was written here its writer is told above, or is the one who asks."""
    is_written_here = exists().where(
        MailDraft.delivery_id == Message.delivery_id, MailDraft.state == DraftState.SENT
    )
    rows = db.session.execute(
        select(Message.from_name, Message.from_address, Message.created_at)
        .where(
            Message.thread_id == thread.id,
            Message.created_at > since,
            ~Message.is_automatic,
            ~Message.is_bounce,
            ~is_written_here,
            is_readable_by(person, hidden=NO_NEWS),
        )
        .order_by(Message.created_at.desc())
        .limit(MOST)
    )
    return [
        Meanwhile(row.from_name or row.from_address, row.created_at, is_answer=False)
        for row in rows
    ]
