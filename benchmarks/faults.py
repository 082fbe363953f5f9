"""What a mailing of 10,000 survives: senders, Valkey and PostgreSQL killed at random, servers that refuse, drop and lie.

The cases are the small ones of the tests, with more recipients and random moments; the seed is printed. Each must end
with nothing lost, nothing twice, every row ended and `mailing verify` ok. Prints one JSON object with a row per case.
"""

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError

from app import create_app
from embedded.services import ServiceUrls, running_services
from errors import Conflict
from jobs.mailings import deliver_due
from models.base import db
from models.mailings.mailing import Mailing
from models.tenancy import Actor, Scope, enter
from services.mailings.flow import start
from services.system.database import prepare_database
from settings import Settings
from tests.factories.people import make_organization
from tests.servers.smtp_server import Rule
from tests.services.mailings.faults.laboratory import Laboratory, check, kill, state_of, wait_until
from tests.services.mailings.faults.test_bad_servers import account_of
from tests.services.mailings.faults.test_lost_services import flask, kill_postgres, patient

RECIPIENTS = 10_000
PATIENCE_SECONDS = 900.0
LINES = 4
KILLS = 20
SLOW = 0.001  # seconds to each answer, so that a fault finds something on the wire


@dataclass
class Bench:
    """One case: its laboratory, its moments, and how many may be in doubt at its end."""

    lab: Laboratory
    services: ServiceUrls
    chance: random.Random
    count: int
    may_doubt: int = 0

    def moments(self, number: int) -> Sequence[int]:
        """After so many messages something happens, at random between 2 and 90 in a hundred."""
        return sorted(self.chance.sample(range(self.count // 50, self.count * 9 // 10), number))

    def taken(self) -> int:
        """How many messages the server has taken so far."""
        record = self.lab.record
        return record.read_bytes().count(b"\n") if record.exists() else 0

    def wait_for(self, messages: int) -> None:
        wait_until(lambda: self.taken() >= messages, PATIENCE_SECONDS)

    def begin(self, **server: Any) -> Mailing:
        """A server, a mailing through it, started."""
        self.lab.serve(**server)
        mailing = self.lab.mailing(self.count)
        self.lab.start(mailing)
        return mailing

    def send(self) -> Any:
        return self.lab.sender(PATIENCE_SECONDS)


def killed_senders(bench: Bench) -> Mailing:
    """F1: kill -9 of the sending process, again and again."""
    mailing = bench.begin(reply_delay_seconds=SLOW)
    for moment in bench.moments(KILLS):
        sender = bench.send()
        bench.wait_for(moment)
        kill(sender)
    bench.may_doubt = KILLS * LINES
    bench.send()
    return mailing


def lost_bell(bench: Bench) -> Mailing:
    """F3: FLUSHALL and kill -9 of Valkey in turn, with a real clock and worker."""
    mailing = bench.begin(reply_delay_seconds=SLOW)
    flask(bench.lab, "clock")
    flask(bench.lab, "worker", "mailings")
    valkey = Redis.from_url(bench.lab.settings.redis_url)
    deliver_due.enqueue()
    for number, moment in enumerate(bench.moments(10)):
        bench.wait_for(moment)
        wait_until(lambda: _answers(valkey), PATIENCE_SECONDS)
        if number % 2:
            os.kill(valkey.info()["process_id"], signal.SIGKILL)
        else:
            valkey.flushall()
    return mailing


def _answers(valkey: "Redis") -> bool:
    try:
        return bool(valkey.ping())
    except RedisError:
        return False


def killed_postgres(bench: Bench) -> Mailing:
    """F4: kill -9 of PostgreSQL with fsync on, ten times."""
    mailing = bench.begin(reply_delay_seconds=SLOW)
    bench.send()
    for moment in bench.moments(10):
        bench.wait_for(moment)
        wait_until(lambda: _is_killed(bench.services), PATIENCE_SECONDS)
    bench.may_doubt = 10 * LINES
    return mailing


def _is_killed(services: ServiceUrls) -> bool:
    """Kill it, unless it has not come back from the last time yet."""
    try:
        kill_postgres(services)
    except (psycopg.OperationalError, OSError):
        return False
    return True


def refusals(bench: Bench) -> Mailing:
    """F5: 421, 451 and 550 at each verb, five in a hundred each."""
    mailing = bench.begin(
        rules=[
            Rule(point="mail", reply="421 4.7.0 too many connections", every=997),
            Rule(point="mail", reply="451 4.3.0 busy", every=20),
            Rule(point="rcpt", reply="451 4.3.0 try again later", every=20),
            Rule(point="rcpt", reply="550 5.1.1 no such user", every=20),
            Rule(point="data", reply="451 4.3.0 busy", every=20),
            Rule(point="dot", reply="451 4.3.0 busy", every=20),
        ]
    )
    bench.send()
    return mailing


def drops(bench: Bench) -> Mailing:
    """F6: the line is dropped at every point of the conversation."""
    rules = [
        *(Rule(point=point, action="drop", every=400) for point in ("mail", "rcpt", "data")),
        *(Rule(point=point, action="drop", every=5) for point in ("connect", "banner", "ehlo")),
        *(Rule(point=point, action="drop", every=500) for point in ("body_half", "dot")),
        Rule(point="recorded", action="reset", every=500),
    ]
    mailing = bench.begin(rules=rules)
    bench.may_doubt = 3 * (bench.count // 500 + LINES)
    bench.send()
    return mailing


def refused_sign_in(bench: Bench) -> Mailing:
    """F9: the password is refused in the middle; one attempt, then a person."""
    lab = bench.lab
    lab.serve(login="a", password="right")  # nosec B106  # the test server's
    mailing = lab.mailing(bench.count, login="a", password="wrong")  # nosec B106
    lab.start(mailing)
    bench.send()
    wait_until(lambda: account_of(mailing).paused_reason == "auth_failed", PATIENCE_SECONDS)
    assert bench.taken() == 0
    account_of(mailing).password = "right"  # nosec B105
    db.session.commit()
    return mailing


def many_starters(bench: Bench) -> Mailing:
    """F10, F11: twenty people press start at once, and three senders come."""
    bench.lab.serve()
    mailing = bench.lab.mailing(bench.count)
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    won: list[bool] = []
    key, organization_id = mailing.id, mailing.organization_id

    def press() -> None:
        with app.app_context():
            enter(Scope(organization_id=organization_id, actor=Actor(name="clerk")))
            try:
                start(key)
                db.session.commit()
                won.append(True)
            except Conflict:
                db.session.rollback()

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [True], won
    for _ in range(3):
        bench.send()
    return mailing


def deploys(bench: Bench) -> Mailing:
    """F14: SIGTERM in the middle, five times: what is on the wire ends, nothing is in doubt."""
    mailing = bench.begin(reply_delay_seconds=SLOW)
    for moment in bench.moments(5):
        sender = bench.send()
        bench.wait_for(moment)
        sender.terminate()
        sender.wait(timeout=30)
    bench.send()
    return mailing


CASES: dict[str, Callable[[Bench], Mailing]] = {
    "F1": killed_senders,
    "F3": lost_bell,
    "F4": killed_postgres,
    "F5": refusals,
    "F6": drops,
    "F9": refused_sign_in,
    "F10, F11": many_starters,
    "F14": deploys,
}


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """Every case once."""
    seed = random.SystemRandom().randrange(10**6)
    count = getattr(arguments, "messages", None) or RECIPIENTS
    rows = [_case(name, case, seed, count) for name, case in CASES.items()]
    return {
        "benchmark": "faults",
        "recipients": count,
        "seed": seed,
        "cases": rows,
        "met": all(row["ok"] for row in rows),
    }


def _case(name: str, case: Callable[[Bench], Mailing], seed: int, count: int) -> dict[str, Any]:
    """In a data folder of its own, with real durability."""
    with tempfile.TemporaryDirectory(prefix="vt-f-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as services:
            settings = Settings.from_env({**services.as_environment(), "LOG_LEVEL": "ERROR"})
            prepare_database(settings.database_url, settings.logins())
            with create_app(settings).app_context():
                company = make_organization()
                db.session.commit()
                enter(Scope(organization_id=company.id, actor=Actor(name="benchmark")))
                lab = Laboratory(settings, folder)
                bench = Bench(lab, services, random.Random(f"{seed}{name}"), count)  # nosec B311
                try:
                    return {"case": name, "what": case.__doc__, **_ended(bench, case)}
                finally:
                    lab.close()
                    db.session.remove()
                    db.engine.dispose()


def _ended(bench: Bench, case: Callable[[Bench], Mailing]) -> dict[str, Any]:
    began = time.monotonic()
    try:
        mailing = case(bench)
        wait_until(patient(lambda: state_of(mailing).startswith("finished")), PATIENCE_SECONDS)
        seconds = round(time.monotonic() - began, 1)
        counts = check(bench.lab, mailing, in_doubt=bench.may_doubt)
    except (AssertionError, psycopg.Error) as problem:
        seconds = round(time.monotonic() - began, 1)
        return {"ok": False, "problem": str(problem), "seconds": seconds}
    return {"ok": True, **counts, "may_doubt": bench.may_doubt, "seconds": seconds}
