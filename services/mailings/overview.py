"""The mailings of a list: what became of each, and how much it sends; what has ended is counted once (decision 0013).

The list looks at a dozen mailings at once, and each may have a hundred thousand rows. A mailing that has ended with
nothing in doubt changes only by a person's deed, which gives it another version.
"""

import uuid
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import ENDED, MailingState
from services.mailings.gallery import extent_when_frozen
from services.mailings.partly_sent import came_back
from services.mailings.progress import Extent, Tally, extents_of, step_of
from services.mailings.row_sums import WORTH_KEEPING, sums_of

KEPT_MAILINGS = 512


@dataclass(frozen=True)
class Overview:
    """What a row of the list says; nothing of a draft, whose messages are still being made."""

    tally: Tally = field(default_factory=Tally)
    extent: Extent = field(default_factory=Extent)


_kept: OrderedDict[tuple[uuid.UUID, int], Overview] = OrderedDict()


def overviews_of(mailings: Sequence[Mailing]) -> dict[int, Overview]:
    """By the mailing's key; the small ones are counted together."""
    found = {each.id: _known(each) for each in mailings}
    asked = [each for each in mailings if found[each.id] is None]
    small = [each for each in asked if (each.planned_count or 0) < WORTH_KEEPING]
    tallies, extents = _tallies_of(small), extents_of(small) if small else {}
    for mailing in asked:
        if mailing in small:
            seen = Overview(tallies[mailing.id], extents[mailing.id])
        else:
            seen = Overview(_tally_of(mailing), extent_when_frozen(mailing))
        found[mailing.id] = seen
        if mailing.state in ENDED and not seen.tally.left and not seen.tally.unconfirmed:
            _keep(mailing, seen)
    return {key: seen or Overview() for key, seen in found.items()}


def _known(mailing: Mailing) -> Overview | None:
    """What need not be counted (again)."""
    if mailing.state is MailingState.DRAFT:
        return Overview()
    return _kept.get((mailing.public_id, mailing.version))


def _keep(mailing: Mailing, seen: Overview) -> None:
    """For the mailings that are looked at; those counted longest ago go first."""
    _kept[mailing.public_id, mailing.version] = seen
    while len(_kept) > KEPT_MAILINGS:
        _kept.popitem(last=False)


def _tallies_of(mailings: Sequence[Mailing]) -> dict[int, Tally]:
    """In one query."""
    states: dict[int, Counter[DeliveryStatus]] = defaultdict(Counter)
    back: Counter[int] = Counter()
    if not mailings:
        return {}
    rows = db.session.execute(
        select(
            DeliveryState.mailing_id,
            DeliveryState.state,
            func.count(),
            func.count().filter(came_back()),
        )
        .where(DeliveryState.mailing_id.in_([mailing.id for mailing in mailings]))
        .group_by(DeliveryState.mailing_id, DeliveryState.state)
    )
    for mailing_id, state, number, came_back_later in rows:
        states[mailing_id or 0][state] = number
        back[mailing_id or 0] += came_back_later
    return {mailing.id: Tally(states[mailing.id], back[mailing.id]) for mailing in mailings}


def _tally_of(mailing: Mailing) -> Tally:
    """From the sums that its card keeps, too."""
    states: Counter[DeliveryStatus] = Counter()
    back = 0
    rows = sums_of(mailing, step_of(mailing)).rows
    for (state, _reason, _moment, has_come_back), number in rows.items():
        states[state] += number
        back += number if has_come_back else 0
    return Tally(dict(states), back)
