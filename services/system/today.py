"""What needs attention today: figures of one organization, by few queries that indexes answer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import ENDED, MailingState
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_event import PortalEvent
from models.sales.document import Invoice
from models.sales.document_state import DocumentState
from models.system.import_run import ImportRun, ImportState
from models.work.comment import Comment
from services.mailbox.dead_letters import count_all_set_aside
from services.mailbox.tested_accounts import ListedAccount, tested_accounts
from services.people.access import Rights
from services.portal.access_list import count_waiting
from services.portal.lately import lately
from services.sales.ageing import Ageing, receivables_by_age
from services.work.unanswered import unanswered

LOOKS_BACK = timedelta(days=60)  # for invoices that were never sent
REMEMBERS = timedelta(days=14)  # for mailings and imports that ended badly
AT_MOST = 5
LATEST = 3
MOST_UNANSWERED = 50
MANY = 1_000  # counting stops here: nobody needs to know how many thousands
RUNNING = (
    MailingState.SENDING,
    MailingState.STOPPING,
    MailingState.STOPPED,
    MailingState.SCHEDULED,
)


@dataclass(frozen=True)
class MailingToday:
    """A mailing that goes on, or ended with something to look at."""

    mailing: Mailing
    counts: dict[DeliveryStatus, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        waiting = (DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
        return self.total - sum(self.counts.get(state, 0) for state in waiting)

    @property
    def failed(self) -> int:
        return self.counts.get(DeliveryStatus.FAILED, 0)

    @property
    def unconfirmed(self) -> int:
        return self.counts.get(DeliveryStatus.UNCONFIRMED, 0)

    @property
    def has_stopped_by_itself(self) -> bool:
        """Too much of it was refused, and nobody has gone on (X1-04)."""
        stopped = (MailingState.STOPPING, MailingState.STOPPED)
        return self.mailing.last_answers is not None and self.mailing.state in stopped

    @property
    def is_waiting(self) -> bool:
        """Registered, and nobody has started it."""
        return self.mailing.state is MailingState.REGISTERED

    @property
    def is_moving(self) -> bool:
        """Its numbers change by themselves."""
        return self.mailing.state in (MailingState.SENDING, MailingState.STOPPING)

    @property
    def is_running(self) -> bool:
        return self.mailing.state in RUNNING


@dataclass(frozen=True)
class FirstSteps:
    """How far a new organization has come."""

    has_account: bool
    has_customers: bool
    has_invoices: bool
    has_mailing: bool

    @property
    def are_done(self) -> bool:
        return self.has_account and self.has_customers and self.has_invoices and self.has_mailing


@dataclass(frozen=True)
class Today:
    """Only what the reader's role may see; the rest is empty."""

    day: date
    hour: int
    ageing: Sequence[Ageing] = ()
    unsent_invoices: int = 0
    mailings: Sequence[MailingToday] = ()
    latest: Sequence[MailingToday] = ()
    accounts: Sequence[ListedAccount] = ()
    messages_set_aside: int = 0
    imports: Sequence[ImportRun] = ()
    unanswered: Sequence[Comment] = ()
    waiting_requests: int = 0
    happened: Sequence[PortalEvent] = ()
    steps: FirstSteps | None = field(default=None)


def today_of(organization: Organization, rights: Rights) -> Today:
    """The figures of the home page, at the organization's hour."""
    now = datetime.now(ZoneInfo(organization.timezone))
    may = {name: rights.allows(name, "view") for name in READABLE}
    steps = _first_steps() if may["document"] else None
    mailings, latest = _mailings() if may["mailing"] else ([], [])
    return Today(
        day=now.date(),
        hour=now.hour,
        ageing=receivables_by_age(now.date()) if may["document"] else (),
        unsent_invoices=_unsent_invoices(now.date()) if may["document"] else 0,
        mailings=mailings,
        latest=latest,
        accounts=_accounts() if may["mail_account"] else (),
        messages_set_aside=count_all_set_aside() if rights.allows("mail_account", "edit") else 0,
        imports=_imports() if may["import_run"] else (),
        unanswered=unanswered(utc_now(), most=MOST_UNANSWERED + 1) if may["comment"] else (),
        waiting_requests=count_waiting() if may["access_request"] else 0,
        happened=lately(most=AT_MOST) if may["portal_event"] else (),
        steps=None if steps is None or steps.are_done else steps,
    )


READABLE = (
    *("document", "mailing", "mail_account", "import_run"),
    *("comment", "access_request", "portal_event"),
)


def _unsent_invoices(today: date) -> int:
    some = (
        select(Invoice.id)
        .where(Invoice.issue_date >= today - LOOKS_BACK)
        .where(Invoice.state.in_([DocumentState.POSTED, DocumentState.PARTIALLY_PAID]))
        .where(Invoice.first_sent_at.is_(None))
        .limit(MANY)
    )
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0


def _mailings() -> tuple[list[MailingToday], list[MailingToday]]:
    """What goes on or needs somebody, the running ones first; and the latest that are over."""
    running = db.session.scalars(
        select(Mailing)
        .where(Mailing.state.in_(RUNNING))
        .order_by(Mailing.scheduled_at.nulls_first(), Mailing.id.desc())
        .limit(AT_MOST)
    ).all()
    ended = db.session.scalars(
        select(Mailing)
        .where(Mailing.state == MailingState.FINISHED_WITH_ERRORS)
        .where(Mailing.finished_at >= utc_now() - REMEMBERS)
        .order_by(Mailing.id.desc())
        .limit(AT_MOST)
    ).all()
    waiting = db.session.scalars(
        select(Mailing)
        .where(Mailing.state == MailingState.REGISTERED)
        .order_by(Mailing.id.desc())
        .limit(AT_MOST)
    ).all()
    latest = db.session.scalars(
        select(Mailing).where(Mailing.state.in_(ENDED)).order_by(Mailing.id.desc()).limit(LATEST)
    ).all()
    of_interest = {mailing.id for mailing in (*running, *ended, *waiting, *latest)}
    counts: dict[int | None, dict[DeliveryStatus, int]] = defaultdict(dict)
    rows = db.session.execute(
        select(DeliveryState.mailing_id, DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id.in_(of_interest))
        .group_by(DeliveryState.mailing_id, DeliveryState.state)
    )
    for mailing_id, state, count in rows:
        counts[mailing_id][state] = count

    def told(mailings: Iterable[Mailing]) -> list[MailingToday]:
        return [MailingToday(mailing, counts[mailing.id]) for mailing in mailings]

    return told((*running, *waiting, *ended)), told(latest)


def _accounts() -> Sequence[ListedAccount]:
    """The active accounts: the paused ones, then those with trouble."""
    return sorted(tested_accounts(), key=lambda each: not each.account.is_paused)[:AT_MOST]


def _imports() -> Sequence[ImportRun]:
    return db.session.scalars(
        select(ImportRun)
        .where(ImportRun.state.in_([ImportState.CHECKING, ImportState.IMPORTING]))
        .order_by(ImportRun.id.desc())
        .limit(AT_MOST)
    ).all()


def _first_steps() -> FirstSteps:
    has = {
        model: db.session.scalar(select(model.id).limit(1)) is not None
        for model in (MailAccount, Customer, Invoice, Mailing)
    }
    return FirstSteps(*has.values())
