"""The rows of a mailing, counted by state, reason and step of time; what does not change any more is counted once.

A pass over 100,000 rows takes 20 ms, too much for a page that looks every two seconds. But messages leave in the
order of their keys, so that nearly everything below some key has ended, and what has ended changes only by a person's
deed, which gives the mailing another version (`reopening.py`). So a process keeps the sums of those rows, for one
version, and reads the others; those still to be sent are not even grouped, they are what is missing to the total.
The truth stays in the rows: another version, another step or another process counts all of them.
"""

import uuid
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select, text

from models.any_of import is_any_of
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from services.mailings.partly_sent import came_back

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)  # where steps are counted from
RATE_WINDOW = timedelta(seconds=60)
WORTH_KEEPING = 1_000  # rows: fewer are counted as quickly
MOST_BESIDES = 500  # rows that may lag behind, such as those of a mailbox that is full for hours
KEPT_MAILINGS = 64

Name = tuple[uuid.UUID, int, timedelta]  # mailing, version, step
# State, reason, step in which it left, whether it came back later.
Place = tuple[DeliveryStatus, ReasonCode | None, datetime | None, bool]


@dataclass(frozen=True)
class Sums:
    """How many rows there are of each kind, and how many messages left in the last minute."""

    rows: Counter[Place]
    lately: int


@dataclass(frozen=True)
class _Settled:
    """The sums of all rows up to a key, besides some that have not come to rest."""

    through: int = 0
    besides: Sequence[int] = ()
    rows: Counter[Place] = field(default_factory=Counter)
    passed_over: int = 0  # rows that have ended, but stand behind too many that have not


_kept: OrderedDict[Name, _Settled] = OrderedDict()


def sums_of(mailing: Mailing, step: timedelta) -> Sums:
    """All rows of a registered mailing; whatever still waits for its end is called *queued*."""
    newest = db.session.scalar(
        select(func.max(Delivery.id)).where(Delivery.mailing_id == mailing.id)
    )
    if newest is None:
        return Sums(Counter(), 0)
    total = _total(mailing.id, mailing.public_id, mailing.version, newest)
    name = (mailing.public_id, mailing.version, step)
    settled = _kept.get(name, _Settled())
    if name not in _kept and total >= WORTH_KEEPING:
        settled = _keep(name, _gone_on(mailing, step, settled, newest))
    fresh, lately = _ended(mailing, step, _not_in(settled, newest))
    ended = fresh.total() - lately
    if ended - settled.passed_over >= WORTH_KEEPING:
        further = _gone_on(mailing, step, settled, newest)
        taken = further.rows.total() - settled.rows.total()
        _keep(name, replace(further, passed_over=ended - taken))
    rows = settled.rows + fresh
    waiting: Counter[Place] = Counter(
        {(DeliveryStatus.QUEUED, None, None, False): total - rows.total()}
    )
    return Sums(rows + waiting, lately)


@lru_cache(maxsize=256)
def _total(mailing_id: int, _public_id: uuid.UUID, _version: int, _newest: int) -> int:
    """How many rows there are: they become more only with a newer message."""
    counted = select(func.count()).where(DeliveryState.mailing_id == mailing_id)
    return db.session.scalar(counted) or 0


def _ended(
    mailing: Mailing, step: timedelta, which: ColumnElement[bool]
) -> tuple[Counter[Place], int]:
    """Those of these rows that have ended, and how many of them left in the last minute."""
    recent = case((DeliveryState.sent_at > utc_now() - RATE_WINDOW, 1), else_=0)
    found: Any = db.session.execute(
        select(
            DeliveryState.state,
            DeliveryState.reason_code,
            func.date_bin(step, DeliveryState.sent_at, BEGIN).label("moment"),
            func.coalesce(came_back(), False).label("back"),
            func.count(),
            func.sum(recent),
        )
        .where(
            DeliveryState.mailing_id == mailing.id,
            not_(DeliveryState.is_open),
            DeliveryState.state != DeliveryStatus.PREPARED,
            which,
        )
        .group_by(DeliveryState.state, DeliveryState.reason_code, text("moment"), text("back"))
    ).all()
    rows = Counter({tuple(place): number for *place, number, _recent in found})
    return rows, sum(recent for *_place, recent in found)


def _not_in(settled: _Settled, newest: int) -> ColumnElement[bool]:
    beyond = and_(DeliveryState.delivery_id > settled.through, DeliveryState.delivery_id <= newest)
    if not settled.besides:
        return beyond
    return or_(beyond, is_any_of(DeliveryState.delivery_id, settled.besides))


def _gone_on(mailing: Mailing, step: timedelta, settled: _Settled, newest: int) -> _Settled:
    """The sums up to a later key.

    What left in the last minute is counted for the rate, so it has to be looked at again; an answer to what is in
    doubt may come late.
    """
    has_no_rest = or_(
        DeliveryState.is_open,
        DeliveryState.state.in_([DeliveryStatus.PREPARED, DeliveryStatus.UNCONFIRMED]),
        DeliveryState.sent_at > utc_now() - RATE_WINDOW,
    )
    waiting = _not_in(settled, newest)
    besides = db.session.scalars(
        select(DeliveryState.delivery_id)
        .where(DeliveryState.mailing_id == mailing.id, waiting, has_no_rest)
        .order_by(DeliveryState.delivery_id)
        .limit(MOST_BESIDES + 1)
    ).all()
    through = newest if len(besides) <= MOST_BESIDES else besides[-1] - 1
    besides = besides[:MOST_BESIDES]
    is_settled = and_(
        DeliveryState.delivery_id <= through,
        not_(is_any_of(DeliveryState.delivery_id, besides)),
    )
    more, _lately = _ended(mailing, step, and_(waiting, is_settled))
    return _Settled(through, besides, settled.rows + more)


def _keep(name: Name, settled: _Settled) -> _Settled:
    """For as many mailings as are looked at now; those looked at longest ago go first."""
    _kept[name] = settled
    _kept.move_to_end(name)
    while len(_kept) > KEPT_MAILINGS:
        _kept.popitem(last=False)
    return settled
