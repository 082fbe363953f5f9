"""What runs on this machine: the commands, as values."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from signal import SIGTERM

from embedded.child import Stops

# `-P`: modules come from the checkout (PYTHONPATH), never from the folder one happens to be in.
_PYTHON = (sys.executable, "-P", "-m")
# The first never waits for a mail server that is read, so that what is sent always has somebody; the last does nothing
# else, so that mailboxes are read while long mailings run.
_WORKERS: tuple[tuple[str, ...], ...] = (
    ("mailings", "imports", "bulk", "checks", "system"),
    (),
    ("mailbox",),
)
# Together with the services after them this stays under the ten seconds of a stop.
_GRACEFUL: Stops = ((SIGTERM, 6.0),)


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs for good; `{socket}` in its arguments becomes the open port's number."""

    name: str
    argv: tuple[str, ...]
    stops: Stops = _GRACEFUL


@dataclass(frozen=True, slots=True)
class Plan:
    """The commands of a start, in their order; `{base_url}` becomes our address."""

    prepare: tuple[str, ...]
    seed: tuple[str, ...]
    accounts: tuple[str, ...]
    first_admin: tuple[str, ...]
    web: Program
    programs: tuple[Program, ...]
    demo_programs: tuple[Program, ...] = ()
    postgres_settings: Mapping[str, str] = field(default_factory=dict)


def product_plan() -> Plan:
    """The product's own commands."""
    gunicorn = ("gunicorn", "-c", "python:embedded.gunicorn_settings", "--bind", "fd://{socket}")
    system = (*_PYTHON, "commands", "system")
    workers = [
        Program(f"worker-{number}", (*system, "worker", *queues))
        for number, queues in enumerate(_WORKERS, start=1)
    ]
    return Plan(
        prepare=(*_PYTHON, "commands.prepare"),
        seed=(*system, "demo"),
        accounts=(*system, "demo-accounts"),
        first_admin=(*system, "first-admin", "--base-url", "{base_url}"),
        web=Program("web", (*_PYTHON, *gunicorn, "app:create_app()")),
        programs=(*workers, Program("clock", (*system, "clock"))),
        demo_programs=(Program("mail-server", (*_PYTHON, "embedded.mail_server")),),
    )
