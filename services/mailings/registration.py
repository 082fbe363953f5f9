"""Registering in the background: asked for at the door, done by a worker, taken up again when the worker was lost."""

import logging
from collections.abc import Collection

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select, text

from errors import AppError, Conflict
from models.base import db, utc_now
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.people.user import User
from models.tenancy import Actor, across_organizations, acting_in, current_scope
from services.mailings.register import REGISTERING_LOCK, NotNow, note, register_mailing
from services.sales.pdf import Workshop
from services.system.retelling import retold

logger = logging.getLogger(__name__)
MOST_STARTS = 3
QUIET_SECONDS = 10  # the first bell has so long to be heard

# The lock lives as long as the connection of whoever registers.
NOBODY_IS_AT_IT = text(
    "NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = :kind AND l.objid = mailing.id"
    " AND l.objsubid = 2 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
).bindparams(kind=REGISTERING_LOCK)


def ask_to_register(mailing: Mailing) -> None:
    """Have a worker register the draft; the door commits and rings."""
    actor = current_scope().actor
    mailing.register_asked_at = utc_now()
    mailing.register_asked_by_id = actor.id if actor.kind == "user" else None
    mailing.register_starts = 0
    mailing.register_error = None
    db.session.flush()


def left_behind() -> list[int]:
    """Drafts whose registration was asked for, has not failed, and is not being worked on."""
    quiet = func.now() - text(f"interval '{QUIET_SECONDS} seconds'")
    return _left_behind(Mailing.register_asked_at < quiet)


def left_behind_of(mailing_ids: Collection[int]) -> list[int]:
    """Those of these; somebody was at them, so their bell was heard."""
    return _left_behind(Mailing.id.in_(mailing_ids), Mailing.register_asked_at.is_not(None))


def _left_behind(*which: ColumnElement[bool]) -> list[int]:
    with across_organizations():
        wanted = (
            select(Mailing.id)
            .where(
                Mailing.state == MailingState.DRAFT,
                Mailing.register_error.is_(None),
                *which,
                NOBODY_IS_AT_IT,
            )
            .order_by(Mailing.id)
        )
        return list(db.session.scalars(wanted))


def carry_out(mailing_id: int, workshop: Workshop) -> None:
    """Register a draft; what goes wrong is written at the mailing. Commits as it goes.

    May be called at any time and twice: a second worker leaves it to the first, a later one goes on where it was
    cut off. After three starts that came to no end the mailing says so, and waits for a person.
    """
    with across_organizations():
        found = db.session.execute(
            select(Mailing.organization_id, Mailing.register_asked_by_id).where(
                Mailing.id == mailing_id,
                Mailing.state == MailingState.DRAFT,
                Mailing.register_asked_at.is_not(None),
                Mailing.register_error.is_(None),
            )
        ).first()
        if found is None:
            return  # registered, refused, taken back or cancelled since it was rung for
        user = db.session.get(User, found.register_asked_by_id or 0)
    actor = (
        Actor(kind="user", id=user.id, name=user.name, source="job")
        if user
        else Actor(source="job")
    )
    lang = user.lang if user else "es"
    with acting_in(found.organization_id, actor=actor), force_locale(lang):
        mailing = db.session.get_one(Mailing, mailing_id)
        try:
            if user is None and found.register_asked_by_id is not None:
                raise Conflict(
                    _(
                        "Whoever wanted to register this is not a user any more: somebody else has to do it."
                    )
                )
            register_mailing(mailing, workshop, begin=lambda: _count_start(mailing))
        except NotNow:
            db.session.rollback()
        except AppError as problem:
            db.session.rollback()
            note(mailing, register_error=retold(problem.message), planned_count=None)
            db.session.commit()


def _count_start(mailing: Mailing) -> None:
    """A worker that dies leaves its start behind: what kills each of them is not begun for ever."""
    db.session.refresh(mailing)
    if mailing.register_starts >= MOST_STARTS:
        logger.warning("registering mailing %s was cut off too often", mailing.id)
        raise Conflict(
            _(
                "Preparing was cut off %(times)d times. Try again; if it happens again, choose fewer documents.",
                times=MOST_STARTS,
            )
        )
    note(
        mailing,
        register_starts=mailing.register_starts + 1,
        register_asked_at=mailing.register_asked_at or utc_now(),
    )
    db.session.commit()
