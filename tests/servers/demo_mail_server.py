"""The demo's mail server on ports of its own, by the command with which `script/server` starts it."""

import os
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from embedded.plan import product_plan

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 15


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
