"""Carrying a rehearsal out: every message over a real SMTP line into a viewer that nothing leaves (N-06).

The messages are put together as the sender does it (`offer.load`) and handed over by the same client. The viewer's
server lives in this process and only as long as this; the ledger is read, and not one of its rows is written.
"""

import hashlib
import logging
from collections.abc import Collection, Sequence, Set

from sqlalchemy import ColumnElement, func, insert, select, text

from errors import AppError
from files.store import FileStore
from mail.arrival import read_arrival, taken_apart
from mail.sink import Handed
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailings.mailing import Mailing
from models.mailings.rehearsal import MailingRehearsal, RehearsalProblem, RehearsedMessage
from models.people.user import User
from models.tenancy import Actor, across_organizations, acting_in
from services.mailings.feed import Due
from services.mailings.ledger_sql import WAITING
from services.mailings.packing import largest_of
from services.mailings.rehearsal import REHEARSABLE, counts_of
from services.mailings.rehearsal_checks import LONGEST_DETAIL, Planned, first_problem, planned_for
from services.mailings.rehearsal_viewer import Viewer
from services.portal.portal_addresses import links_base
from services.sales.pdf import Workshop
from services.system.alone import alone

logger = logging.getLogger(__name__)
REHEARSAL_LOCK = 8_003  # first key of the advisory lock; the second is the rehearsal
BATCH = 50  # messages for one commit: the bar moves with each
QUIET_SECONDS = 10  # the first bell has so long to be heard

# The lock lives as long as the connection of whoever rehearses.
NOBODY_IS_AT_IT = text(
    "NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = :kind"
    " AND l.objid = mailing_rehearsal.id AND l.objsubid = 2"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
).bindparams(kind=REHEARSAL_LOCK)


def left_behind() -> list[int]:
    """Rehearsals that have not ended and that nobody is at."""
    quiet = func.now() - text(f"interval '{QUIET_SECONDS} seconds'")
    return _left_behind(MailingRehearsal.created_at < quiet)


def left_behind_of(rehearsal_ids: Collection[int]) -> list[int]:
    """Those of these; somebody was at them, so their bell was heard."""
    return _left_behind(MailingRehearsal.id.in_(rehearsal_ids))


def _left_behind(which: ColumnElement[bool]) -> list[int]:
    with across_organizations():
        wanted = (
            select(MailingRehearsal.id)
            .where(MailingRehearsal.finished_at.is_(None), which, NOBODY_IS_AT_IT)
            .order_by(MailingRehearsal.id)
        )
        return list(db.session.scalars(wanted))


def carry_out(rehearsal_id: int, workshop: Workshop) -> None:
    """Rehearse until everything was handed over; commits as it goes.

    May be called at any time and twice: a second worker leaves it to the first, a later one goes on where it was
    cut off.
    """
    with across_organizations():
        found = db.session.execute(
            select(MailingRehearsal.organization_id, MailingRehearsal.asked_by_id).where(
                MailingRehearsal.id == rehearsal_id, MailingRehearsal.finished_at.is_(None)
            )
        ).first()
        if found is None:
            return  # it has ended, or another one was asked for
        user = db.session.get(User, found.asked_by_id or 0)
    actor = (
        Actor(kind="user", id=user.id, name=user.name, source="job")
        if user
        else Actor(source="job")
    )
    with (
        acting_in(found.organization_id, actor=actor),
        alone(REHEARSAL_LOCK, rehearsal_id) as is_ours,
    ):
        if is_ours:
            _rehearse(db.session.get_one(MailingRehearsal, rehearsal_id), workshop)


def _rehearse(rehearsal: MailingRehearsal, workshop: Workshop) -> None:
    mailing = db.session.get_one(Mailing, rehearsal.mailing_id)
    problem = None
    with Viewer() as viewer:
        while True:
            db.session.refresh(mailing)
            if mailing.state not in REHEARSABLE:
                problem = mailing.state.value
                break
            due = _next(rehearsal)
            if not due:
                break
            _take(rehearsal, due, viewer, mailing=mailing, workshop=workshop)
            db.session.commit()
    counts = counts_of(rehearsal)
    rehearsal.finished_at, rehearsal.problem = utc_now(), problem
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing.id,
        action="rehearsed",
        after={"messages": rehearsal.planned, "arrived": counts.arrived, "odd": counts.odd},
    )
    db.session.commit()
    logger.info(
        "rehearsed mailing %s: %d of %d arrived", mailing.id, counts.arrived, rehearsal.planned
    )


def _next(rehearsal: MailingRehearsal) -> list[Due]:
    """What has not been handed over yet, in the order of the mailing."""
    last = db.session.scalar(
        select(func.max(RehearsedMessage.delivery_id)).where(
            RehearsedMessage.rehearsal_id == rehearsal.id
        )
    )
    connection = db.session.connection()
    rows = connection.exec_driver_sql(WAITING, (rehearsal.mailing_id, last or 0, BATCH))
    return [Due(*row) for row in rows]


def _take(
    rehearsal: MailingRehearsal,
    due: Sequence[Due],
    viewer: Viewer,
    *,
    mailing: Mailing,
    workshop: Workshop,
) -> None:
    planned = planned_for([each.delivery_id for each in due])
    largest = largest_of(mailing)
    bases = {workshop.base_url.rstrip("/"), links_base(workshop.base_url)}
    rows = []
    for each in due:
        row: dict[str, object] = {
            "organization_id": rehearsal.organization_id,
            "rehearsal_id": rehearsal.id,
            "delivery_id": each.delivery_id,
            "sha256": None,
            "size_bytes": 0,
            "head": None,
            "parts": [],
            "problem": None,
            "detail": None,
        }
        try:
            handed = viewer.hand_over(each, workshop.store)
        except AppError as problem:
            row |= {
                "problem": RehearsalProblem.NOT_ARRIVED,
                "detail": problem.message[:LONGEST_DETAIL],
            }
        else:
            row |= _looked_at(
                each,
                handed,
                planned[each.delivery_id],
                largest=largest,
                bases=bases,
                store=workshop.store,
            )
        rows.append(row | {"received_at": utc_now()})
    db.session.execute(insert(RehearsedMessage), rows)


def _looked_at(
    due: Due, handed: Handed, planned: Planned, *, largest: int, bases: Set[str], store: FileStore
) -> dict[str, object]:
    head, parts = taken_apart(handed.raw)
    found = first_problem(
        due,
        handed,
        read_arrival(handed.raw),
        planned=planned,
        parts=parts,
        largest=largest,
        bases=bases,
    )
    return {
        "sha256": hashlib.sha256(handed.raw).hexdigest(),
        "size_bytes": len(handed.raw),
        "head": head,
        "parts": [store.put(part).sha256 for part in parts],
        "problem": found[0] if found else None,
        "detail": found[1][:LONGEST_DETAIL] if found else None,
    }
