"""The end of mailings. Set by set: a hundred that end together cost little more than one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select, update

from models.audit_trail import record_events
from models.base import db
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings.due_accounts import UNDER_WAY
from services.mailings.partly_sent import partly_sent

OPEN = {DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING}
WRONG = {DeliveryStatus.FAILED, DeliveryStatus.UNCONFIRMED}

Counts = Mapping[DeliveryStatus, int]


def settle_mailings(mailing_ids: Sequence[int]) -> dict[int, MailingState]:
    """End what has come to its end: *finished* when no row is open, *stopped* when none is on its way.

    Returns the states after that. Only for whoever knows that nobody is about to send for these mailings: the holder
    of their accounts' locks.
    """
    states = _locked_states(mailing_ids)
    counts = _counts([key for key, state in states.items() if state in UNDER_WAY])
    missed = _partly(counts)
    moves: dict[tuple[MailingState, MailingState], list[int]] = defaultdict(list)
    for key, counted in counts.items():
        end = _end_of(states[key], counted, is_partly=key in missed)
        moves[states[key], end].append(key)
    for (before, end), keys in moves.items():
        if end is before:
            continue
        _move(keys, end)
        if end is MailingState.STOPPED:
            _put_back(keys)
        else:
            _tell_finished(keys, before, end, counts)
        states |= dict.fromkeys(keys, end)
    return states


def _end_of(state: MailingState, counts: Counts, *, is_partly: bool) -> MailingState:
    if counts.keys().isdisjoint(OPEN):
        is_clean = counts.keys().isdisjoint(WRONG) and not is_partly
        return MailingState.FINISHED if is_clean else MailingState.FINISHED_WITH_ERRORS
    if state is MailingState.STOPPING and DeliveryStatus.SENDING not in counts:
        return MailingState.STOPPED
    return state


def _locked_states(mailing_ids: Sequence[int]) -> dict[int, MailingState]:
    """The states, kept as they are until this transaction ends; in one order, so that nobody waits in a circle."""
    locked = (
        select(Mailing.id, Mailing.state)
        .where(Mailing.id.in_(mailing_ids))
        .order_by(Mailing.id)
        .with_for_update()
    )
    return dict(db.session.execute(locked).all())


def _counts(mailing_ids: Sequence[int]) -> dict[int, Counts]:
    """How many rows of each mailing are in which state."""
    found: dict[int | None, dict[DeliveryStatus, int]] = {key: {} for key in mailing_ids}
    counted = (
        select(DeliveryState.mailing_id, DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id.in_(mailing_ids))
        .group_by(DeliveryState.mailing_id, DeliveryState.state)
    )
    for key, state, count in db.session.execute(counted):
        found[key][state] = count
    return {key: found[key] for key in mailing_ids}


def _partly(mailing_ids: Iterable[int]) -> set[int | None]:
    """Those with a message that not all of its recipients got."""
    found = select(DeliveryState.mailing_id).where(
        DeliveryState.mailing_id.in_(mailing_ids), partly_sent()
    )
    return set(db.session.scalars(found.distinct()))


def _move(mailing_ids: Sequence[int], end: MailingState) -> None:
    finished_at = Mailing.finished_at if end is MailingState.STOPPED else func.now()
    db.session.execute(
        update(Mailing)
        .where(Mailing.id.in_(mailing_ids))
        .values(state=end, version=Mailing.version + 1, finished_at=finished_at)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _put_back(mailing_ids: Sequence[int]) -> None:
    """What waits for a person is not in the senders' way."""
    db.session.execute(
        update(DeliveryState)
        .where(
            DeliveryState.mailing_id.in_(mailing_ids),
            DeliveryState.state == DeliveryStatus.QUEUED,
        )
        .values(state=DeliveryStatus.PREPARED)
        .execution_options(synchronize_session=False)
    )


def _tell_finished(
    mailing_ids: Sequence[int],
    before: MailingState,
    end: MailingState,
    counts: Mapping[int, Counts],
) -> None:
    record_events(
        db.session(),
        entity="mailing",
        action="finish",
        before={"state": before.value},
        after=[
            (key, {"state": end.value} | {s.value: n for s, n in sorted(counts[key].items())})
            for key in mailing_ids
        ],
    )
