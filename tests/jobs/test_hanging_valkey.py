"""A Valkey that hangs is worse than a dead one: nobody is refused. Pages do not wait for it, and nothing is lost."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from redis import Redis
from sqlalchemy import func, select

from embedded.binaries import valkey_program
from models.base import db
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.people.password_link import PasswordRequest
from settings import Settings
from tests.factories.people import make_mail_account, make_user
from tests.servers.services import remove, short_folder

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
LONGEST_WAIT_SECONDS = 2.0

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def folder() -> Iterator[Path]:
    made = short_folder()
    yield made
    remove(made)


@pytest.fixture
def valkey(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """One of our own, so that it can be stopped."""
    program = valkey_program(dict(os.environ))
    argv = [str(program), "--port", "0", "--unixsocket", str(folder / "v.sock"), "--save", ""]
    process = subprocess.Popen(argv, cwd=folder, stdout=subprocess.DEVNULL)
    wait_until((folder / "v.sock").exists, 20)
    yield process
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


@pytest.fixture
def start(settings: Settings, folder: Path) -> Iterator[Start]:
    """Parts of the product as processes, with that Valkey."""
    processes = []

    def started(*module: str, **env: str) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": f"unix://{folder}/v.sock?db=0",
            "FILES_URL": settings.files_url,
            "VENTANILLA_DATA": str(settings.ventanilla_data),
            "ENCRYPTION_KEYS": " ".join(settings.encryption_keys),
            "PYTHONPATH": str(ROOT),
            **env,
        }
        process = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, env=environment)
        processes.append(process)
        return process

    yield started
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()


def wait_until(condition: Callable[[], Any], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Visitor:
    """A browser that looks at its watch."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookie = ""
        self.longest = 0.0

    def asks(self, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        headers = {"Cookie": self._cookie, "Content-Type": "application/x-www-form-urlencoded"}
        began = time.monotonic()
        body = urlencode(fields) if fields else None
        connection.request("POST" if fields else "GET", path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        self.longest = max(self.longest, time.monotonic() - began)
        self._cookie = (answer.getheader("Set-Cookie") or self._cookie).partition(";")[0]
        connection.close()
        return answer.status, text

    def submits(self, path: str, fields: dict[str, str]) -> int:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.asks(path)[1])
        assert token
        return self.asks(path, {**fields, "csrf_token": token[1]})[0]

    def is_welcome(self) -> bool:
        try:
            return self.asks("/sign-in")[0] == 200
        except OSError:
            return False


def test_pages_do_not_wait_for_it_and_nothing_is_lost(
    organization: Organization, valkey: "subprocess.Popen[bytes]", start: Start, folder: Path
) -> None:
    """F3: SIGSTOP. Signing in is still limited, what was asked for is done when the clock rings again."""
    make_user(organization, email="lucia@example.com")
    make_mail_account(smtp_port=9)
    db.session.commit()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gunicorn = ("gunicorn", "-c", "python:embedded.gunicorn_settings", "--bind")
    start(*gunicorn, f"127.0.0.1:{port}", "app:create_app()", WEB_CONCURRENCY="1")
    wait_until(Visitor(port).is_welcome, 60)
    visitor = Visitor(port)
    visitor.submits("/sign-in", {"email": "nobody@example.com", "password": "x"})
    usual, visitor.longest = visitor.longest, 0.0

    valkey.send_signal(signal.SIGSTOP)
    tries = [
        visitor.submits("/sign-in", {"email": "nobody@example.com", "password": "x"})
        for _try in range(12)
    ]
    asked = visitor.submits("/password/forgot", {"email": "lucia@example.com"})

    assert visitor.longest < usual + LONGEST_WAIT_SECONDS
    assert tries[0] == 422 and tries[-1] == 429
    assert asked == 200
    assert count(PasswordRequest) == 1

    valkey.send_signal(signal.SIGCONT)
    assert Redis.from_url(f"unix://{folder}/v.sock").ping()
    start("flask", "--app", "app", "system", "worker", "system")
    start("flask", "--app", "app", "system", "clock")
    wait_until(lambda: count(PasswordRequest) == 0, 90)
    assert count(Delivery) == 1


def count(model: type[Any]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0
