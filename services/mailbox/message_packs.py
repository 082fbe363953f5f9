"""Packs that have lost messages are written anew without them, so that what was deleted for good is gone (`message_bytes.py`)."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from models.base import db, utc_now
from models.mailbox.message import Message, MessagePack
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.message_bytes import pack, pack_store, raw_of

AT_ONCE = 50  # packs of an organization, in one night
RESTS_FOR = timedelta(days=1)  # a batch that is just being read needs its pack
HOLED = text(
    "SELECT p.id FROM message_pack p LEFT JOIN (SELECT pack_id, sum(pack_length) AS held FROM message"
    " WHERE organization_id = :organization GROUP BY 1) m ON m.pack_id = p.id"
    " WHERE p.organization_id = :organization AND p.created_at < :before AND p.size_bytes > coalesce(m.held, 0)"
    " ORDER BY p.id LIMIT :most"
)
# Whether the same bytes are kept for somebody else, too: a message that went along as a file, for one.
NAMED = text(
    "SELECT EXISTS (SELECT FROM message_pack WHERE sha256 = :sha256)"
    " OR EXISTS (SELECT FROM file WHERE sha256 = :sha256)"
    " OR EXISTS (SELECT FROM comment_file WHERE sha256 = :sha256)"
    " OR EXISTS (SELECT FROM rehearsed_message WHERE sha256 = :sha256)"
)


def tidy_packs(organization_id: int) -> int:
    """Write some of those with holes anew; how many. Commits after each, and may die anywhere."""
    told = {
        "organization": organization_id,
        "before": utc_now() - RESTS_FOR,
        "most": AT_ONCE,
    }
    with acting_in(organization_id, actor=Actor(source="job")):
        found = db.session.scalars(HOLED, told).all()
        for pack_id in found:
            _write_anew(organization_id, pack_id)
    return len(found)


def _write_anew(organization_id: int, pack_id: int) -> None:
    """The new pack is there before the old one goes."""
    messages = db.session.scalars(
        select(Message).where(Message.pack_id == pack_id).order_by(Message.id).with_for_update()
    ).all()
    old = db.session.get_one(MessagePack, pack_id)
    packed = pack(organization_id, [raw_of(each) for each in messages])
    for message, place in zip(messages, packed, strict=True):
        message.pack_id, message.pack_offset = place.pack_id, place.offset
    sha256 = old.sha256
    try:
        db.session.delete(old)
        db.session.flush()
    except IntegrityError:  # a batch has just come that needs it
        db.session.rollback()
        return
    with across_organizations():
        is_needed = db.session.scalar(NAMED, {"sha256": sha256})
    if not is_needed:
        pack_store().delete(sha256)
    db.session.commit()
