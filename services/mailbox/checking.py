"""Testing accounts, many at a time: the rows are the queue, threads talk to the servers, this one to the database."""

import logging
import queue
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby

from sqlalchemy import select, update

from errors import AppError
from mail.advice import Advice
from mail.gateway import MailGateway
from mail.step_log import CHECK_SECONDS, Result, Side, StepReport
from mail.steps import Step
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.tenancy import Actor, across_organizations, acting_in
from services.mailbox.check_plan import CheckPlan, plan_of
from services.mailbox.checks import forget_old_checks
from services.mailbox.health import note_check
from services.mailbox.servers import MailNetwork
from services.system.alone import alone

logger = logging.getLogger(__name__)
CHECK_LOCKS = 700_021
AT_ONCE = 32
TICK_SECONDS = 0.1
OVERDUE_SECONDS = 2 * CHECK_SECONDS  # a thread that does not end is not waited for any longer


@dataclass(frozen=True, kw_only=True)
class CheckTools:
    """With what is tested."""

    gateway: MailGateway
    network: MailNetwork = field(default_factory=MailNetwork)
    base_url: str = "http://localhost"  # for links in e-mails to staff
    at_once: int = AT_ONCE


@dataclass(frozen=True)
class _Ended:
    """A test and what came out."""

    check_id: int
    account_id: int
    organization_id: int
    account_version: int
    reports: Sequence[StepReport]


def carry_out_checks(tools: CheckTools, *, seconds: float = 3000) -> None:
    """Test all accounts that wait for it; commits as it goes. A second worker leaves it to the first."""
    ends = time.monotonic() + seconds
    while _somebody_waits() and time.monotonic() < ends:
        with alone(CHECK_LOCKS, 1) as is_alone:
            if not is_alone:
                return
            _end_interrupted()
            _Round(tools, ends).run()


def has_open_checks() -> bool:
    """Whether a test waits, or is said to be under way."""
    with across_organizations():
        query = select(AccountCheck.id).where(AccountCheck.ended_at.is_(None)).limit(1)
        return db.session.scalar(query) is not None


class _Round:
    """Takes what waits, until nothing does."""

    def __init__(self, tools: CheckTools, ends: float) -> None:
        self._tools = tools
        self._ends = ends
        self._ended: queue.SimpleQueue[_Ended] = queue.SimpleQueue()
        self._under_way: dict[int, tuple[CheckPlan, float]] = {}

    def run(self) -> None:
        while True:
            if time.monotonic() < self._ends:
                self._take()
            if not self._under_way:
                return
            ended = self._wait()
            _record(ended, self._tools.base_url)

    def _take(self) -> None:
        room = self._tools.at_once - len(self._under_way)
        if room <= 0:
            return
        for organization_id, keys in _waiting(room):
            with acting_in(organization_id, actor=Actor(source="job")):
                plans, impossible = _begin(keys, self._tools.network)
            _record(impossible, self._tools.base_url)
            for plan in plans:
                self._under_way[plan.check_id] = plan, time.monotonic()
                name = f"check-{plan.account_id}"
                threading.Thread(target=self._test, args=(plan,), name=name, daemon=True).start()

    def _test(self, plan: CheckPlan) -> None:
        try:
            reports = plan.carry_out(self._tools.gateway)
        except Exception:
            logger.exception("the test of mail account %s broke", plan.account_id)
            reports = [_broken(Advice.INTERNAL)]
        self._ended.put(_ended(plan, reports))

    def _wait(self) -> list[_Ended]:
        """What has ended by now, or is overdue; several together, as each commit costs more than a short wait."""
        time.sleep(TICK_SECONDS)
        ended: list[_Ended] = []
        while not self._ended.empty():
            ended.append(self._ended.get())
        late = time.monotonic() - OVERDUE_SECONDS
        ended += [
            _ended(plan, [_broken(Advice.INTERRUPTED)])
            for plan, started in self._under_way.values()
            if started < late
        ]
        for each in ended:
            self._under_way.pop(each.check_id, None)
        return ended


def _somebody_waits() -> bool:
    return bool(_waiting(1)) or has_open_checks()


def _waiting(most: int) -> list[tuple[int, list[int]]]:
    """Tests that wait, by organization, the oldest first."""
    with across_organizations():
        rows = db.session.execute(
            select(AccountCheck.organization_id, AccountCheck.id)
            .where(AccountCheck.state == CheckState.WAITING)
            .order_by(AccountCheck.id)
            .limit(most)
        ).all()
    db.session.rollback()
    found: dict[int, list[int]] = {}
    for organization_id, check_id in rows:
        found.setdefault(organization_id, []).append(check_id)
    return list(found.items())


def _begin(check_ids: Sequence[int], network: MailNetwork) -> tuple[list[CheckPlan], list[_Ended]]:
    """Say that these tests are under way; what cannot even begin has ended."""
    db.session.execute(
        update(AccountCheck)
        .where(AccountCheck.id.in_(check_ids), AccountCheck.state == CheckState.WAITING)
        .values(state=CheckState.RUNNING, started_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    rows = db.session.execute(
        select(AccountCheck, MailAccount)
        .join(MailAccount, MailAccount.id == AccountCheck.account_id)
        .where(AccountCheck.id.in_(check_ids))
        .execution_options(populate_existing=True)
    ).all()
    plans, impossible = [], []
    for check, account in rows:
        try:
            plans.append(plan_of(check, account, network))
        except AppError as problem:
            report = _broken(Advice.IMPOSSIBLE, problem.message)
            key = (check.id, account.id, account.organization_id, account.version)
            impossible.append(_Ended(*key, [report]))
    db.session.commit()
    return plans, impossible


def _record(ended: Sequence[_Ended], base_url: str) -> None:
    """Write down what came out, and what it says of the accounts."""
    by_organization = sorted(ended, key=lambda each: each.organization_id)
    for organization_id, group in groupby(by_organization, lambda each: each.organization_id):
        with acting_in(organization_id, actor=Actor(source="job")):
            together = list(group)
            for each in together:
                if _write(each.check_id, each.reports):
                    note_check(each.account_id, each.account_version, each.reports, base_url)
            forget_old_checks([each.account_id for each in together])
            db.session.commit()


def _end_interrupted() -> None:
    """Tests that are under way while nobody tests: their worker is gone."""
    with across_organizations():
        left = db.session.execute(
            select(AccountCheck.organization_id, AccountCheck.id).where(
                AccountCheck.state == CheckState.RUNNING
            )
        ).all()
    for organization_id, check_id in left:
        with acting_in(organization_id, actor=Actor(source="job")):
            _write(check_id, [_broken(Advice.INTERRUPTED)])
            db.session.commit()


def _write(check_id: int, reports: Sequence[StepReport]) -> bool:
    """Whether the test was still open."""
    done = db.session.execute(
        update(AccountCheck)
        .where(AccountCheck.id == check_id, AccountCheck.ended_at.is_(None))
        .values(
            state=_state_of(reports), ended_at=utc_now(), steps=[_plain(each) for each in reports]
        )
        .returning(AccountCheck.id)
        .execution_options(synchronize_session=False)
    )
    return done.scalar() is not None


def _state_of(reports: Iterable[StepReport]) -> CheckState:
    results = {report.result for report in reports}
    if Result.BAD in results:
        return CheckState.BAD
    return CheckState.DOUBTFUL if Result.DOUBTFUL in results else CheckState.GOOD


def _plain(report: StepReport) -> dict[str, object]:
    fields = asdict(report)
    del fields["reason_code"]
    return fields


def _broken(advice: Advice, answer: str = "") -> StepReport:
    """In the place of all steps: the test did not come to its end."""
    return StepReport(Side.SMTP, Step.NAME, Result.BAD, answer=answer, advice=advice)


def _ended(plan: CheckPlan, reports: Sequence[StepReport]) -> _Ended:
    key = (plan.check_id, plan.account_id, plan.organization_id, plan.account_version)
    return _Ended(*key, reports)
