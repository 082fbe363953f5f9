"""The demo's mail server on ports of its own, by the command with which `script/server` starts it."""

import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Self

from embedded.mail_server.mailboxes import mailboxes_file
from embedded.plan import product_plan

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 15
MESSAGES = "SELECT folder_id, uid, raw FROM message JOIN folder ON id = folder_id WHERE owner = ?"
KEEP = "UPDATE message SET raw = ?, lost_bytes = ? WHERE folder_id = ? AND uid = ?"


class DemoMailServer:
    """Runs from `with` on; what it keeps lies in `data`, and is there again when it runs once more."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.smtp_port, self.web_port, self.port = _free_ports(3)

    def __enter__(self) -> Self:
        [program] = product_plan().demo_programs
        env = {
            **os.environ,
            "VENTANILLA_DATA": str(self.data),
            "DEMO_SMTP_PORT": str(self.smtp_port),
            "DEMO_MAIL_PORT": str(self.web_port),
            "DEMO_IMAP_PORT": str(self.port),
            "PYTHONPATH": str(ROOT),
        }
        self._process = subprocess.Popen(program.argv, env=env)
        ends = time.monotonic() + START_SECONDS
        while not all(_answers(port) for port in (self.smtp_port, self.port)):
            if time.monotonic() > ends or self._process.poll() is not None:
                self.__exit__()
                raise RuntimeError("the demo's mail server does not start")
            time.sleep(0.05)
        return self

    @contextmanager
    def without(self, *subjects: str, of: str) -> Iterator[None]:
        """It names these messages of this address, and has lost all but their headers meanwhile."""
        with closing(sqlite3.connect(mailboxes_file(self.data), timeout=30)) as base:
            whole = [
                (key, uid, raw)
                for key, uid, raw in base.execute(MESSAGES, (of,)).fetchall()
                if message_from_bytes(raw, policy=default)["Subject"] in subjects
            ]
            assert len(whole) == len(subjects)
            for key, uid, raw in whole:
                head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
                base.execute(KEEP, (head, len(raw) - len(head), key, uid))
            base.commit()
            yield
            for key, uid, raw in whole:
                base.execute(KEEP, (raw, 0, key, uid))
            base.commit()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        assert self._process.wait(10) == 0


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_ports(count: int) -> list[int]:
    """Held at the same time, so that each is another."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _each in range(count)]
        for listener in held:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in held]
