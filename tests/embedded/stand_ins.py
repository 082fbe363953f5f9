"""A tiny product in place of ours, so that the supervisor is tested without it.

`python -m tests.embedded.stand_ins server [arguments]` is `script/server` with these stand-ins.
"""

import http.server
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from embedded.plan import Plan, Program
from embedded.process import die_with_parent
from embedded.serve import main
from tests.servers.services import QUICK

HERE = (sys.executable, "-m", "tests.embedded.stand_ins")


def stand_in_plan() -> Plan:
    return Plan(
        prepare=(*HERE, "prepare"),
        seed=(*HERE, "say", "Seeding"),
        accounts=(*HERE, "say", "Sign in as ann@example.com"),
        first_admin=(*HERE, "say", "First administrator: {base_url}/first"),
        web=Program("web", (*HERE, "web", "{socket}")),
        programs=(
            Program("worker-1", (*HERE, "worker"), stops=((signal.SIGTERM, 1.0),)),
            Program("clock", (*HERE, "clock")),
        ),
        demo_programs=(Program("mail-server", (*HERE, "clock")),),
        postgres_settings=QUICK,
    )


class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())


def web(descriptor: str) -> None:
    server = http.server.HTTPServer(("", 0), Health, bind_and_activate=False)
    server.socket = socket.socket(fileno=int(descriptor))
    server.serve_forever()


def worker() -> None:
    """Does not stop when it is asked to, and has a child of its own, as a worker with a long job has."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, "-m", "tests.embedded.stand_ins", "horse", str(os.getpid())])
    time.sleep(600)


def horse(parent: str) -> None:
    die_with_parent(parent=int(parent))
    os.setpgrp()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def hello(environ: dict[str, object], start_response: Callable[..., object]) -> list[bytes]:
    """A WSGI application for the real gunicorn."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


if __name__ == "__main__":
    role, *arguments = sys.argv[1:]
    if role == "server":
        sys.exit(main(arguments, stand_in_plan()))
    elif role == "prepare":
        if Path(os.environ["VENTANILLA_DATA"], "refuse-to-prepare").exists():
            sys.stderr.write("The database is newer than this version.\n")
            sys.exit(2)
    elif role == "say":
        sys.stdout.write(" ".join(arguments) + "\n")
    elif role == "services":
        sys.stdout.write(" ".join([*arguments, os.environ["DATABASE_URL"]]))
        sys.exit(3)
    elif role == "web":
        web(*arguments)
    elif role == "worker":
        worker()
    elif role == "horse":
        horse(*arguments)
    else:
        time.sleep(600)
