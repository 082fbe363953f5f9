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
    """One look at the rows; the rate is that of the minute before the newest of them.

    They come many at once: a rate up to now would fall until the next ones, and jump with them.
    """
    of_mailing = (Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK)
    prepared, first, last = db.session.execute(
        select(func.count(), func.min(Delivery.created_at), func.max(Delivery.created_at)).where(
            *of_mailing
        )
    ).one()
    planned = mailing.planned_count
    begin = max(first, last - WINDOW) if prepared else None
    if begin is None or last - begin <= SHORTEST or utc_now() - last > WINDOW:
        return Registering(prepared, planned, None, None)
    since = db.session.scalar(select(func.count()).where(*of_mailing, Delivery.created_at > begin))
    rate = round((since or 0) * 60 / (last - begin).total_seconds()) or None
    left = max((planned or 0) - prepared, 0)
    return Registering(prepared, planned, rate, ceil(left * 60 / rate) if rate and left else None)
