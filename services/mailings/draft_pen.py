"""Whose turn it is to save a draft: who opened it before somebody else saved it is told, and decides (L-20).

A page saves again and again, and its own saves may overtake one another: they are told by the page's name.
"""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from errors import Conflict
from models.base import db, utc_now
from models.mailings.mailing import Mailing
from models.mailings.mailing_draft import MailingDraft
from models.tenancy import current_scope


@dataclass(frozen=True)
class Writing:
    """A page on which a draft is written, and the version that it has seen."""

    page: str
    version: int


class DraftChanged(Conflict):
    """The draft was saved by somebody else, or on another page, since this one was opened."""

    def __init__(self, *, version: int, by_id: int | None, at: datetime) -> None:
        super().__init__(_("This draft was saved elsewhere in the meantime."))
        self.version = version
        self.by_id = by_id
        self.at = at


def made_by(page: str) -> Mailing | None:
    """The mailing that was begun on this page, if one was."""
    known = select(Mailing).join(MailingDraft, MailingDraft.mailing_id == Mailing.id)
    return db.session.scalars(known.where(MailingDraft.made_by_page == page)).one_or_none()


def note_page(mailing: Mailing, page: str) -> None:
    """Remember the page that begins the mailing: it begins no other one."""
    actor = current_scope().actor
    db.session.add(
        MailingDraft(
            mailing_id=mailing.id,
            version=0,
            page=page,
            made_by_page=page,
            saved_at=utc_now(),
            saved_by_id=actor.id if actor.kind == "user" else None,
        )
    )
    db.session.flush()


def version_of(mailing: Mailing | None) -> int:
    """How often it was saved."""
    if mailing is None:
        return 0
    found = select(MailingDraft.version).where(MailingDraft.mailing_id == mailing.id)
    return db.session.scalar(found) or 0


def take_pen(mailing: Mailing, writing: Writing) -> None:
    """Save as the next version; one statement decides between two who save at once. Raises DraftChanged."""
    actor = current_scope().actor
    values = {
        "organization_id": mailing.organization_id,
        "mailing_id": mailing.id,
        "version": 1,
        "page": writing.page,
        "saved_at": func.now(),
        "saved_by_id": actor.id if actor.kind == "user" else None,
    }
    new = insert(MailingDraft.__table__).values(values)
    taken = db.session.scalar(
        new.on_conflict_do_update(
            index_elements=["mailing_id"],
            set_={
                **{name: new.excluded[name] for name in ("page", "saved_at", "saved_by_id")},
                "version": MailingDraft.version + 1,
            },
            where=or_(MailingDraft.version == writing.version, MailingDraft.page == writing.page),
        ).returning(MailingDraft.__table__.c.version)
    )
    if taken is None:
        last = db.session.get_one(MailingDraft, mailing.id, populate_existing=True)
        raise DraftChanged(version=last.version, by_id=last.saved_by_id, at=last.saved_at)
