"""A rehearsal as people ask for it and look at it: who may have one, how far it is, what arrived (N-06)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from errors import Conflict, NotFound
from files.store import FileStore
from mail.arrival import put_together
from models.audit_trail import record_event
from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.rehearsal import MailingRehearsal, RehearsalProblem, RehearsedMessage
from models.people.customer import Customer
from models.states import state_word
from models.tenancy import current_scope
from services.mailings.frozen_message import Paper, attached_papers

REHEARSABLE = frozenset({MailingState.REGISTERED, MailingState.SCHEDULED, MailingState.STOPPED})
PAGE = 40


@dataclass(frozen=True)
class Counts:
    """How many messages were handed over so far, how many arrived, and how many of them are odd."""

    tried: int = 0
    arrived: int = 0
    odd: int = 0


@dataclass(frozen=True)
class RehearsedLine:
    """A message in the list."""

    delivery_id: int
    name: str
    problem: RehearsalProblem | None


@dataclass(frozen=True)
class RehearsedPage:
    """Some lines in the order of the mailing; `before` and `after` are where the neighbouring pages begin."""

    rows: Sequence[RehearsedLine]
    before: int | None
    after: int | None


def ask_to_rehearse(mailing: Mailing) -> MailingRehearsal:
    """Have a worker rehearse what would leave now; an earlier rehearsal is forgotten. The door commits and rings.

    Raises Conflict while one runs, and when there is nothing that waits to be started.
    """
    state = db.session.scalars(
        select(Mailing.state).where(Mailing.id == mailing.id).with_for_update()
    ).one()
    if state not in REHEARSABLE:
        raise Conflict(
            _("This is not possible now: the mailing is “%(state)s”.", state=str(state_word(state)))
        )
    before = rehearsal_of(mailing)
    if before is not None and before.finished_at is None:
        raise Conflict(_("This mailing is being rehearsed at this moment."))
    waiting = db.session.scalar(
        select(func.count()).where(
            DeliveryState.mailing_id == mailing.id, DeliveryState.state == DeliveryStatus.PREPARED
        )
    )
    if not waiting:
        raise Conflict(_("Nothing in this mailing is left to be sent."))
    db.session.execute(delete(MailingRehearsal).where(MailingRehearsal.mailing_id == mailing.id))
    actor = current_scope().actor
    asked = MailingRehearsal(
        mailing_id=mailing.id,
        asked_by_id=actor.id if actor.kind == "user" else None,
        planned=waiting,
    )
    db.session.add(asked)
    db.session.flush()
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing.id,
        action="rehearse",
        after={"messages": waiting},
    )
    return asked


def rehearsal_of(mailing: Mailing) -> MailingRehearsal | None:
    """The newest rehearsal, if there was one."""
    return db.session.scalars(
        select(MailingRehearsal).where(MailingRehearsal.mailing_id == mailing.id)
    ).one_or_none()


def counts_of(rehearsal: MailingRehearsal) -> Counts:
    """How far it is, read from its rows."""
    row = db.session.execute(
        select(
            func.count(),
            func.count(RehearsedMessage.sha256),
            func.count(RehearsedMessage.problem),
        ).where(RehearsedMessage.rehearsal_id == rehearsal.id)
    ).one()
    return Counts(*row)


def rehearsed_page(
    rehearsal: MailingRehearsal, *, at: int | None = None, is_odd: bool = False
) -> RehearsedPage:
    """The page that begins at a delivery's key."""
    limits = [RehearsedMessage.rehearsal_id == rehearsal.id]
    if is_odd:
        limits.append(RehearsedMessage.problem.is_not(None))
    key = RehearsedMessage.delivery_id
    rows = db.session.execute(
        select(key, func.coalesce(Customer.name, Delivery.recipient), RehearsedMessage.problem)
        .join(Delivery, Delivery.id == key)
        .outerjoin(Customer, Customer.id == Delivery.customer_id)
        .where(*limits, key >= (at or 0))
        .order_by(key)
        .limit(PAGE + 1)
    ).all()
    before: Sequence[int] = ()
    if at is not None:
        earlier = select(key).where(*limits, key < at).order_by(key.desc()).limit(PAGE)
        before = db.session.scalars(earlier).all()
    return RehearsedPage(
        [RehearsedLine(*row) for row in rows[:PAGE]],
        before=before[-1] if before else None,
        after=rows[PAGE][0] if len(rows) > PAGE else None,
    )


def neighbours(
    rehearsal: MailingRehearsal, delivery_id: int, *, is_odd: bool = False
) -> tuple[int | None, int | None]:
    """The message before and the one after."""
    key = RehearsedMessage.delivery_id
    limits = [RehearsedMessage.rehearsal_id == rehearsal.id]
    if is_odd:
        limits.append(RehearsedMessage.problem.is_not(None))
    previous = select(func.max(key)).where(*limits, key < delivery_id)
    following = select(func.min(key)).where(*limits, key > delivery_id)
    return db.session.scalar(previous), db.session.scalar(following)


def rehearsed_message(rehearsal: MailingRehearsal, delivery_id: int) -> RehearsedMessage:
    """One message; raises NotFound."""
    found = db.session.get(RehearsedMessage, (rehearsal.id, delivery_id))
    if found is None:
        raise NotFound(_("This message was not rehearsed."))
    return found


def message_of_delivery(mailing: Mailing, delivery: Delivery) -> RehearsedMessage:
    """What arrived of a message in the newest rehearsal; raises NotFound."""
    rehearsal = rehearsal_of(mailing)
    if rehearsal is None:
        raise NotFound(_("This message was not rehearsed."))
    return rehearsed_message(rehearsal, delivery.id)


def papers_of(message: RehearsedMessage, store: FileStore) -> list[Paper]:
    """The files that arrived with it."""
    return attached_papers(message.parts, store)


def paper_of(message: RehearsedMessage, n: int, store: FileStore) -> Paper:
    """One of them; raises NotFound."""
    for paper in papers_of(message, store):
        if paper.n == n:
            return paper
    raise NotFound(_("This message has no such file."))


def bytes_of(message: RehearsedMessage, store: FileStore) -> bytes:
    """The whole message as it arrived; raises NotFound if it did not."""
    if message.head is None:
        raise NotFound(_("This message did not arrive in the viewer."))
    return put_together(message.head, [store.read(sha256) for sha256 in message.parts])
