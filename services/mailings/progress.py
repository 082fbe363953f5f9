"""How far a mailing is: counts by state, rate and time to go, all read from the rows and never stored."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import func, select

from models.base import db, utc_now
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from services.mailings.partly_sent import is_partly_sent
from services.mailings.row_sums import RATE_WINDOW, sums_of

WAITING = {DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING}
TROUBLE = {DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED}
# The longer it takes, the longer the steps: never more than some two hundred.
STEPS = (
    (timedelta(minutes=10), timedelta(seconds=5)),
    (timedelta(hours=3), timedelta(minutes=1)),
    (timedelta(days=1), timedelta(minutes=10)),
)
LONGEST_STEP = timedelta(hours=6)
SHORTEST_WATCH = timedelta(seconds=5)  # what leaves in less is no pace
RUNNING = {MailingState.SENDING, MailingState.STOPPING}


@dataclass(frozen=True)
class Tally:
    """What the rows of a mailing say now."""

    states: dict[DeliveryStatus, int] = field(default_factory=dict)
    came_back: int = 0  # of those sent: they were accepted and bounced later

    def of(self, *states: DeliveryStatus) -> int:
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def sent(self) -> int:
        return self.of(DeliveryStatus.SENT)

    @property
    def failed(self) -> int:
        return self.of(DeliveryStatus.FAILED)

    @property
    def unconfirmed(self) -> int:
        return self.of(DeliveryStatus.UNCONFIRMED)

    @property
    def dropped(self) -> int:
        """Skipped at the last moment or cancelled: they leave no more."""
        return self.of(DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED)

    @property
    def left(self) -> int:
        return self.of(*WAITING)

    @property
    def done(self) -> int:
        return self.total - self.left


@dataclass(frozen=True)
class Trouble:
    """How many messages did not arrive for one reason.

    Those *sent* reached some of their recipients only, or none of them if they came back later.
    """

    state: DeliveryStatus
    reason: ReasonCode
    came_back: bool
    count: int


@dataclass(frozen=True)
class Pace:
    """How fast messages left from a moment on."""

    at: datetime
    per_minute: int


@dataclass(frozen=True)
class Progress:
    """A mailing on its way, as people watch it."""

    tally: Tally
    troubles: Sequence[Trouble]
    paces: Sequence[Pace]
    rate_per_minute: int | None
    seconds_left: int | None

    @property
    def ends_at(self) -> datetime | None:
        if self.seconds_left is None:
            return None
        return utc_now() + timedelta(seconds=self.seconds_left)


@dataclass(frozen=True)
class Extent:
    """How much goes out: messages, customers, documents, bytes, and who gets none."""

    messages: int = 0
    customers: int = 0
    documents: int = 0
    size_bytes: int = 0
    excluded: int = 0


def progress_of(mailing: Mailing) -> Progress:
    """What the rows of the mailing say now."""
    step = step_of(mailing)
    sums = sums_of(mailing, step)
    states: Counter[DeliveryStatus] = Counter()
    troubles: Counter[tuple[DeliveryStatus, ReasonCode, bool]] = Counter()
    moments: Counter[datetime] = Counter()
    for (state, reason, moment, came_back), number in sums.rows.items():
        states[state] += number
        if reason is not None and (state in TROUBLE or is_partly_sent(state, reason)):
            troubles[state, reason, came_back] += number
        if moment is not None:
            moments[moment] += number
    back = sum(number for (*_place, came_back), number in sums.rows.items() if came_back)
    tally = Tally(dict(states), came_back=back)
    rate = _rate(mailing, tally, sums.lately)
    return Progress(
        tally=tally,
        troubles=[Trouble(*key, count) for key, count in troubles.most_common()],
        paces=_paces(mailing, moments, step),
        rate_per_minute=rate,
        seconds_left=ceil(tally.left * 60 / rate)
        if rate and tally.left and mailing.state is MailingState.SENDING
        else None,
    )


def extents_of(mailings: Sequence[Mailing]) -> dict[int, Extent]:
    """How much several mailings send, by the mailing's key."""
    keys = [mailing.id for mailing in mailings]
    bulk = (Delivery.mailing_id.in_(keys), Delivery.kind.in_(FOR_CUSTOMERS))
    messages = {
        row.mailing_id: row
        for row in db.session.execute(
            select(
                Delivery.mailing_id,
                func.count().label("messages"),
                func.count(Delivery.customer_id.distinct()).label("customers"),
                func.sum(Delivery.size_bytes).label("size"),
            )
            .where(*bulk)
            .group_by(Delivery.mailing_id)
        )
    }
    documents = _counted(
        select(Delivery.mailing_id, func.count(DeliveryDocument.document_id.distinct()))
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .where(*bulk)
        .group_by(Delivery.mailing_id)
    )
    excluded = _counted(
        select(MailingExclusion.mailing_id, func.count())
        .where(MailingExclusion.mailing_id.in_(keys), MailingExclusion.delivery_id.is_(None))
        .group_by(MailingExclusion.mailing_id)
    )
    return {
        key: Extent(
            messages=messages[key].messages if key in messages else 0,
            customers=messages[key].customers if key in messages else 0,
            documents=documents.get(key, 0),
            size_bytes=int(messages[key].size) if key in messages else 0,
            excluded=excluded.get(key, 0),
        )
        for key in keys
    }


def extent_of(mailing: Mailing) -> Extent:
    """How much this mailing sends."""
    return extents_of([mailing])[mailing.id]


def prepared_of(mailing: Mailing) -> int:
    """How many messages of a draft are frozen so far; `mailing.planned_count` is the goal."""
    counted = select(func.count()).where(
        Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK
    )
    return db.session.scalar(counted) or 0


def last_test_of(mailing: Mailing) -> datetime | None:
    """When the newest test left."""
    sent = (
        select(func.max(DeliveryState.sent_at))
        .join(Delivery, Delivery.id == DeliveryState.delivery_id)
        .where(Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.TEST)
    )
    return db.session.scalar(sent)


def _counted(query: object) -> dict[int, int]:
    return dict(db.session.execute(query).all())  # type: ignore[call-overload]


def _rate(mailing: Mailing, tally: Tally, lately: int) -> int | None:
    """Messages a minute: over the last minute while it runs, over all of it when it has ended."""
    if mailing.started_at is None:
        return None
    if mailing.state in RUNNING:
        watched, count = min(RATE_WINDOW, utc_now() - mailing.started_at), lately
    elif mailing.finished_at is not None:
        watched, count = mailing.finished_at - mailing.started_at, tally.sent
    else:
        return None
    # What a limit lets leave in a minute may leave in its first seconds: that goes on for no minute.
    return min([_per_minute(count, watched), *_limits(mailing)]) or None


def _limits(mailing: Mailing) -> list[int]:
    """How many messages the account may send in a minute."""
    account = mailing.account
    by_second = account.per_second * 60 if account.per_second else None
    return [limit for limit in (by_second, account.per_minute) if limit]


def step_of(mailing: Mailing) -> timedelta:
    """How long the steps of the chart are by now."""
    if mailing.started_at is None:
        return LONGEST_STEP
    lasted = (mailing.finished_at or utc_now()) - mailing.started_at
    return next((step for longest, step in STEPS if lasted <= longest), LONGEST_STEP)


def _paces(mailing: Mailing, moments: Counter[datetime], step: timedelta) -> list[Pace]:
    """Every step from the first to the last, the idle ones too; short steps say what left in the minute that they end.

    What that minute has not had yet, because sending began or ended in it, is left out: as the rate does, so that
    neither says what the other one cannot have seen.
    """
    if not moments or mailing.started_at is None:
        return []
    first, last = min(moments), max(moments)
    spread = max(RATE_WINDOW // step, 1)
    until = mailing.finished_at or utc_now()
    limits = _limits(mailing)
    paces = []
    for number in range((last - first) // step + 1):
        at = first + step * number
        begin = max(at - step * (spread - 1), mailing.started_at)
        watched = max(min(at + step, until) - begin, SHORTEST_WATCH)
        count = sum(moments[at - step * before] for before in range(spread))
        paces.append(Pace(at, min([_per_minute(count, watched), *limits])))
    return paces


def _per_minute(count: int, watched: timedelta) -> int:
    return round(count * 60 / max(watched.total_seconds(), 1))
