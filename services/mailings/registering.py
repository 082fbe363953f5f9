"""How far registering is, and how long it still takes: read from the rows, never stored."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from sqlalchemy import func, select

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind
from models.mailings.mailing import Mailing

WINDOW = timedelta(seconds=60)
SHORTEST = timedelta(seconds=3)  # before that a rate says nothing


@dataclass(frozen=True)
class Registering:
    """Messages of a draft that are frozen, of how many; both None as long as nobody knows."""

    prepared: int
    planned: int | None
    rate_per_minute: int | None
    seconds_left: int | None


def registering_of(mailing: Mailing) -> Registering:
    """One look at the rows; the rate is that of the last minute."""
    now = utc_now()
    row = db.session.execute(
        select(
            func.count(),
            func.min(Delivery.created_at),
            func.count().filter(Delivery.created_at > now - WINDOW),
        ).where(Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK)
    ).one()
    prepared, first, lately = row
    planned = mailing.planned_count
    if first is None or now - first < SHORTEST:
        return Registering(prepared, planned, None, None)
    rate = round(lately * 60 / min(WINDOW, now - first).total_seconds()) or None
    left = max((planned or 0) - prepared, 0)
    return Registering(prepared, planned, rate, ceil(left * 60 / rate) if rate and left else None)
