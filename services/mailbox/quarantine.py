"""A message that cannot be taken in is set aside with its reason; the others go on (X3-16)."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from mail.wire import readable
from models.base import db, utc_now
from models.mailbox.mail_dead_letter import DeadLetterReason, MailDeadLetter
from models.mailbox.mail_folder import MailFolder

MOST_TRIES = 3
LONGEST_HEAD, LONGEST_DETAIL = 4_000, 500
AT_ONCE = (DeadLetterReason.KILLS_PARSER, DeadLetterReason.TOO_LARGE)  # another try would end alike


def note_bad(
    folder: MailFolder,
    uid: int,
    reason: DeadLetterReason,
    *,
    detail: str = "",
    head: bytes = b"",
    size: int | None = None,
) -> bool:
    """One try more for this message; whether it is left alone from now on. The caller commits."""
    now = utc_now()
    values = {
        "organization_id": folder.organization_id,
        "folder_id": folder.id,
        "uidvalidity": folder.uidvalidity,
        "uid": uid,
        "reason": reason,
        "detail": readable(detail.encode("utf-8", "replace"))[:LONGEST_DETAIL],
        "head": readable(head[:LONGEST_HEAD]),
        "size_bytes": size,
        "set_aside_at": now if reason in AT_ONCE else None,
    }
    statement = insert(MailDeadLetter).values(**values)
    tries = MailDeadLetter.tries + 1
    found = db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["folder_id", "uidvalidity", "uid"],
            set_={
                "tries": tries,
                "reason": reason,
                "detail": statement.excluded.detail,
                "updated_at": now,
            },
        ).returning(MailDeadLetter.id)
    ).scalar_one()
    letter = db.session.get_one(MailDeadLetter, found, populate_existing=True)
    if letter.tries >= MOST_TRIES or reason in AT_ONCE:
        letter.set_aside_at = letter.set_aside_at or now
    db.session.flush()
    return letter.set_aside_at is not None


def note_taken_in(folder: MailFolder, uids: Collection[int]) -> None:
    """These have come after all."""
    for letter in db.session.scalars(
        select(MailDeadLetter).where(
            MailDeadLetter.folder_id == folder.id,
            MailDeadLetter.uidvalidity == folder.uidvalidity,
            MailDeadLetter.uid.in_(uids),
        )
    ):
        db.session.delete(letter)


def uids_to_retry(folder: MailFolder) -> Sequence[int]:
    """Messages that have failed, but not often enough."""
    return db.session.scalars(
        select(MailDeadLetter.uid)
        .where(
            MailDeadLetter.folder_id == folder.id,
            MailDeadLetter.uidvalidity == folder.uidvalidity,
            MailDeadLetter.set_aside_at.is_(None),
            MailDeadLetter.settled_at.is_(None),
        )
        .order_by(MailDeadLetter.uid)
    ).all()


def dead_uids(folder: MailFolder) -> set[int]:
    """All messages of the folder that are accounted for as dead letters."""
    return set(
        db.session.scalars(
            select(MailDeadLetter.uid).where(
                MailDeadLetter.folder_id == folder.id,
                MailDeadLetter.uidvalidity == folder.uidvalidity,
            )
        )
    )
