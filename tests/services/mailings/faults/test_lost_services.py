"""Valkey and PostgreSQL die in the middle of a mailing; in a data folder of their own."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app import create_app
from embedded.services import ServiceUrls, running_services
from jobs.mailings import deliver_due, register
from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.tenancy import Actor, Scope, enter
from services.mailings.registration import ask_to_register
from services.mailings.verify import verify_mailing
from services.system.database import prepare_database
from settings import Settings
from tests.factories.mailings import make_draft
from tests.factories.people import make_organization
from tests.servers.ready_python import ReadyPython, Started
from tests.services.mailings.faults.laboratory import (
    RECIPIENTS,
    Laboratory,
    check,
    kill,
    state_of,
    wait_until,
)

pytestmark = pytest.mark.slow
LINES = 4
TAKEN_UP_SECONDS = 6.0  # on a machine that has little room; the timetable rings every 15


@pytest.fixture(scope="module")
def own_services() -> Iterator[ServiceUrls]:
    """Real durability, and nobody else's."""
    folder = Path(tempfile.mkdtemp(prefix="vt-f-"))
    folder.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    with running_services(folder, env) as urls:
        yield urls
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def own_lab(
    own_services: ServiceUrls, tmp_path: Path, ready_python: ReadyPython, settings: Settings
) -> Iterator[Laboratory]:
    of_this_run = settings
    settings = Settings.from_env(own_services.as_environment())
    prepare_database(settings.database_url, settings.logins())
    app = create_app(settings)
    with app.app_context():
        organization = make_organization()
        db.session.commit()
        enter(Scope(organization_id=organization.id, actor=Actor(name="test")))
        laboratory = Laboratory(settings, tmp_path, ready_python)
        yield laboratory
        laboratory.close()
        with contextlib.suppress(DBAPIError):
            db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    create_app(of_this_run)  # keys are those of the process: give it back its own


def patient(question: Callable[[], bool]) -> Callable[[], bool]:
    """The same question, answered no while the database is away."""

    def ask() -> bool:
        try:
            return question()
        except DBAPIError:
            with contextlib.suppress(DBAPIError):
                db.session.rollback()
            return False

    return ask


def test_a_killed_postgresql_forgets_nothing(
    own_lab: Laboratory, own_services: ServiceUrls
) -> None:
    """F4: kill -9 of PostgreSQL, twice; nothing called sent vanishes, nothing goes twice."""
    lab = own_lab
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    lab.start(mailing)
    lab.sender()
    for share in (0.3, 0.6):
        wait_until(lambda share=share: len(lab.accepted()) >= share * RECIPIENTS, 30)
        kill_postgres(own_services)

    wait_until(patient(lambda: state_of(mailing).startswith("finished")), 50)

    counts = check(lab, mailing, in_doubt=2 * LINES)
    assert counts["sent"] + counts["unconfirmed"] == RECIPIENTS


def test_a_lost_bell_loses_nothing(own_lab: Laboratory) -> None:
    """F3: FLUSHALL, kill -9 of Valkey and of the worker; the clock rings again for what is due."""
    lab = own_lab
    lab.serve(reply_delay_seconds=0.004)
    mailing = lab.mailing()
    clock, worker = flask(lab, "clock"), flask(lab, "worker", "mailings")
    valkey = Redis.from_url(lab.settings.redis_url)
    lab.start(mailing)
    deliver_due.enqueue()
    wait_until(lambda: len(lab.accepted()) >= 0.2 * RECIPIENTS, 30)
    valkey.flushall()
    wait_until(lambda: len(lab.accepted()) >= 0.4 * RECIPIENTS, 30)
    os.kill(valkey.info()["process_id"], signal.SIGKILL)
    wait_until(lambda: len(lab.accepted()) >= 0.6 * RECIPIENTS, 40)
    worker.kill()
    worker.wait()
    flask(lab, "worker", "mailings")

    wait_until(lambda: state_of(mailing).startswith("finished"), 50)

    clock.terminate()
    counts = check(lab, mailing, in_doubt=2 * LINES)
    assert counts["sent"] + counts["unconfirmed"] == RECIPIENTS


def test_a_job_in_hand_goes_on_without_valkey(own_lab: Laboratory) -> None:
    """F3: longer away than the worker's heart takes to beat: nothing falls into doubt, and the worker lives."""
    lab, count = own_lab, 120
    lab.serve(reply_delay_seconds=0.1)
    mailing = lab.mailing(count)
    worker = flask(lab, "worker", "mailings")
    valkey = Redis.from_url(lab.settings.redis_url)
    lab.start(mailing)
    deliver_due.enqueue()
    wait_until(lambda: bool(lab.accepted()), 30)
    ends = time.monotonic() + 7
    while time.monotonic() < ends:
        with contextlib.suppress(RedisError):
            os.kill(valkey.info()["process_id"], signal.SIGKILL)
        time.sleep(0.05)
    assert len(lab.accepted()) < count

    wait_until(lambda: state_of(mailing).startswith("finished"), 50)

    assert worker.poll() is None
    assert check(lab, mailing)["sent"] == count


def test_a_killed_registration_is_taken_up_again_by_the_clock(own_lab: Laboratory) -> None:
    """S1-11, X1-01: kill -9 of the worker in the middle: it ends registered, and nobody is prepared twice."""
    lab, count = own_lab, 40
    mailing = make_draft(customers=count)
    ask_to_register(mailing)
    db.session.commit()
    worker = flask(lab, "worker", "mailings")
    register.enqueue(mailing.id)
    wait_until(lambda: _fresh(mailing).register_starts == 1, 60)
    kill(worker)
    assert state_of(mailing) == "draft"
    flask(lab, "worker", "mailings", "system")
    clock = flask(lab, "clock")

    wait_until(lambda: state_of(mailing) == "registered", 120)

    clock.terminate()
    messages = db.session.scalars(
        select(Delivery.idempotency_key).where(Delivery.mailing_id == mailing.id)
    ).all()
    assert len(messages) == len(set(messages)) == count
    assert _fresh(mailing).register_starts == 2
    assert all(verify_mailing(_fresh(mailing)).values())


def test_a_free_worker_takes_up_what_a_killed_one_was_sending(own_lab: Laboratory) -> None:
    """F1, B-4: its lock is gone with its connection, and the clock sees it: no half a minute of silence, and nobody twice."""
    lab, count = own_lab, 200
    lab.serve(reply_delay_seconds=0.1)
    mailing = lab.mailing(count)
    workers = [flask(lab, "worker", "mailings") for _worker in range(2)]
    clock = flask(lab, "clock")
    wait_until(lambda: len(_workers(lab, workers)) == 2, 60)
    lab.start(mailing)
    deliver_due.enqueue()
    wait_until(lambda: len(lab.accepted()) >= 20, 40)
    kill(_busy(lab, workers))
    at_kill = len(lab.accepted())

    waited = _seconds_until(lambda: len(lab.accepted()) > at_kill + LINES)

    wait_until(lambda: state_of(mailing).startswith("finished"), 60)
    clock.terminate()
    counts = check(lab, mailing, in_doubt=LINES)
    assert counts["sent"] + counts["unconfirmed"] == count
    assert waited < TAKEN_UP_SECONDS


def test_a_free_worker_takes_up_what_a_killed_one_was_registering(own_lab: Laboratory) -> None:
    """S1-11, X1-01: the same of registering, in seconds."""
    lab, count = own_lab, 400
    mailing = make_draft(customers=count)
    ask_to_register(mailing)
    db.session.commit()
    workers = [flask(lab, "worker", "mailings") for _worker in range(2)]
    clock = flask(lab, "clock")
    wait_until(lambda: len(_workers(lab, workers)) == 2, 60)
    register.enqueue(mailing.id)
    wait_until(lambda: _prepared(mailing) > 0, 60)
    kill(_busy(lab, workers))
    assert state_of(mailing) == "draft"

    waited = _seconds_until(lambda: _fresh(mailing).register_starts == 2)

    wait_until(lambda: state_of(mailing) == "registered", 120)
    clock.terminate()
    assert _prepared(mailing) == count
    assert waited < TAKEN_UP_SECONDS


def _workers(lab: Laboratory, processes: list[Started]) -> list[Worker]:
    """Those of these processes that take jobs by now."""
    ours = {process.pid for process in processes}
    found = Worker.all(connection=Redis.from_url(lab.settings.redis_url))
    return [worker for worker in found if worker.pid in ours]


def _busy(lab: Laboratory, processes: list[Started]) -> Started:
    """The one that has a job in hand."""
    busy = {worker.pid for worker in _workers(lab, processes) if worker.get_state() == "busy"}
    return next(process for process in processes if process.pid in busy)


def _prepared(mailing: Mailing) -> int:
    db.session.rollback()
    counted = select(func.count()).where(Delivery.mailing_id == mailing.id)
    return db.session.scalar(counted) or 0


def _seconds_until(condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    wait_until(condition, 60)
    return time.monotonic() - began


def _fresh(mailing: Mailing) -> Mailing:
    db.session.rollback()
    return db.session.get_one(Mailing, mailing.id, populate_existing=True)


def kill_postgres(services: ServiceUrls) -> None:
    """The postmaster first, as when memory runs out; its keeper starts another one."""
    dsn = (services.superuser_url or "").replace("+psycopg", "")
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    postmaster = int((Path(row[0]) / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)


def flask(lab: Laboratory, *command: str) -> Started:
    """A part of the product that runs for good; it ends with the laboratory."""
    return lab.spawn("commands", "system", *command)
