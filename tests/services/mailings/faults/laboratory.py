"""Where mailings meet bad servers and sudden deaths, and what must be true afterwards."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import Delivery, DeliveryState
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import ENDED
from services.mailings.flow import start
from services.mailings.verify import verify_mailing
from settings import Settings
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account
from tests.servers.ready_python import ReadyPython, Started
from tests.servers.smtp_server import ServerOptions

ROOT = Path(__file__).resolve().parents[4]
RECIPIENTS = 500


class Laboratory:
    """A mailing, a server in a process of its own, and senders that can be killed."""

    def __init__(self, settings: Settings, folder: Path, ready_python: ReadyPython) -> None:
        self.settings = settings
        self.ready_python = ready_python
        self.folder = folder
        self.record = folder / "accepted.jsonl"
        self.processes: list[subprocess.Popen[bytes] | Started] = []
        self.port = 0

    def serve(self, **options: Any) -> int:
        """Start the server; returns its port."""
        port_file = self.folder / "port"
        module = ("-m", "tests.servers.smtp_server")
        wanted = ServerOptions(**options).as_json()
        places = ("--port-file", str(port_file), "--record", str(self.record))
        log = self._log("server")
        self.processes.append(
            subprocess.Popen(
                [sys.executable, *module, *places, "--options", wanted],
                cwd=ROOT,
                env=self._environment(),
                stdout=log,
                stderr=log,
            )
        )
        wait_until(port_file.exists, 20)
        self.port = int(port_file.read_text())
        return self.port

    def mailing(self, count: int = RECIPIENTS, **account: Any) -> Mailing:
        """A registered mailing through the server."""
        fields = {"smtp_port": self.port, "connections": 4, **account}
        return make_ready_mailing(self.settings, count, make_mail_account(**fields))

    def start(self, mailing: Mailing) -> None:
        start(mailing.id)
        db.session.commit()

    def sender(self, seconds: float = 50) -> Started:
        """A sender of its own; it ends when the mailing has."""
        return self.spawn("tests.servers.sender_process", "--seconds", seconds)

    def spawn(self, module: str, *arguments: object) -> Started:
        """A part of the product as a process; it ends with the laboratory."""
        log = self._log(module)
        process = self.ready_python.start(
            module, *arguments, env=self._environment(), stdout=log, stderr=log
        )
        self.processes.append(process)
        return process

    def accepted(self) -> list[str]:
        """The Message-IDs that the server has taken, in order."""
        if not self.record.exists():
            return []
        lines = self.record.read_text().splitlines()
        return [json.loads(line)["message_id"] for line in lines]

    def wait_for_end(self, mailing: Mailing, seconds: float = 50) -> str:
        """The state that the mailing ends in."""
        wait_until(lambda: state_of(mailing) in {each.value for each in ENDED}, seconds)
        return state_of(mailing)

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()

    def _log(self, name: str) -> IO[bytes]:
        return (self.folder / f"{name}-{len(self.processes)}.log").open("wb")

    def _environment(self) -> dict[str, str]:
        settings = self.settings
        return {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "FILES_URL": settings.files_url,
            "VENTANILLA_DATA": str(settings.ventanilla_data),
            "ENCRYPTION_KEYS": " ".join(settings.encryption_keys),
            "MAIL_CA_FILE": settings.mail_ca_file or "",
            "MAIL_PORTS": "any",  # its servers listen where there is room
            "PYTHONPATH": str(ROOT),
        }


def state_of(mailing: Mailing) -> str:
    db.session.rollback()
    return db.session.scalars(select(Mailing.state).where(Mailing.id == mailing.id)).one().value


def counts_by_state(mailing: Mailing) -> Counter[str]:
    db.session.rollback()
    rows = db.session.execute(
        select(DeliveryState.state, func.count())
        .where(DeliveryState.mailing_id == mailing.id)
        .group_by(DeliveryState.state)
    )
    return Counter({state.value: count for state, count in rows})


def message_ids(mailing: Mailing, *states: str) -> set[str]:
    db.session.rollback()
    return set(
        db.session.scalars(
            select(Delivery.message_id_header)
            .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
            .where(DeliveryState.mailing_id == mailing.id, DeliveryState.state.in_(states))
        )
    )


def check(lab: Laboratory, mailing: Mailing, *, in_doubt: int = 0) -> Counter[str]:
    """Nothing lost, nothing twice, every row ended, `in_doubt` at most unconfirmed; the counts."""
    counts = counts_by_state(mailing)
    taken = lab.accepted()
    sent, doubtful = message_ids(mailing, "sent"), message_ids(mailing, "unconfirmed")
    assert not {"prepared", "queued", "sending"} & counts.keys(), counts
    assert len(taken) == len(set(taken)), "a message was taken twice"
    assert sent <= set(taken), "a message is called sent that the server has not taken"
    assert set(taken) <= sent | doubtful, "a message was taken of which the ledger knows nothing"
    assert counts["unconfirmed"] <= in_doubt, counts
    invariants = verify_mailing(mailing)
    assert all(invariants.values()), invariants
    return counts


def kill(process: Started) -> None:
    """As by a power cut: no handler runs."""
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
