"""Who else is at a conversation, reading or writing (X3-01)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from models.base import db, utc_now
from models.mailbox.thread import Thread
from models.mailbox.thread_presence import PresenceMode, ThreadPresence
from models.people.user import User
from models.tenancy import current_scope

# Pages say it every four seconds (`assets/js/presence.js`): one that was late twice counts still.
LASTS = timedelta(seconds=12)
FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody else who is there."""

    name: str
    is_writing: bool


def note_presence(thread: Thread, person: User, mode: PresenceMode) -> None:
    """They are there now. What they looked at long ago is forgotten."""
    now = utc_now()
    rows = insert(ThreadPresence).values(
        organization_id=current_scope().organization_id,
        thread_id=thread.id,
        user_id=person.id,
        mode=mode,
        seen_at=now,
        created_at=now,
        updated_at=now,
    )
    db.session.execute(
        rows.on_conflict_do_update(
            index_elements=["organization_id", "thread_id", "user_id", "mode"],
            set_={"seen_at": now, "updated_at": now},
        )
    )
    # Another page of theirs may be forgetting the same ones: each leaves to the other what it holds.
    old = (
        select(ThreadPresence.id)
        .where(ThreadPresence.user_id == person.id, ThreadPresence.seen_at < now - FORGOTTEN)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(delete(ThreadPresence).where(ThreadPresence.id.in_(old)))


def leave_presence(thread: Thread, person: User, mode: PresenceMode) -> None:
    """They have gone, and said so."""
    db.session.execute(
        delete(ThreadPresence).where(
            ThreadPresence.thread_id == thread.id,
            ThreadPresence.user_id == person.id,
            ThreadPresence.mode == mode,
        )
    )


def others_at(thread: Thread, person: User) -> Sequence[Present]:
    """Everybody else who is there, each once, in the order of their names; who writes comes first."""
    found = db.session.execute(
        select(User.id, User.name, ThreadPresence.mode)
        .join(ThreadPresence, ThreadPresence.user_id == User.id)
        .where(
            ThreadPresence.thread_id == thread.id,
            ThreadPresence.user_id != person.id,
            ThreadPresence.seen_at >= utc_now() - LASTS,
        )
        .order_by(User.name, User.id)
    ).all()
    writing = {row.id for row in found if row.mode is PresenceMode.WRITING}
    names = {row.id: row.name for row in found}
    people = [Present(name, key in writing) for key, name in names.items()]
    return sorted(people, key=lambda each: not each.is_writing)
