"""A mailing from `start` to *finished*, every message fenced and recorded, beside what only sends.

2,000 messages of 70 KB into postfix's smtp-sink: our pipeline, `smtp-source -d -s 4`, and django-post_office with
the same messages queued in PostgreSQL; then over STARTTLS, and 100 accounts at once. Interleaved rounds, medians.
Ours has the lines of an own relay, as `account add` gives them, and 4 for comparison.
Prints one JSON object.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import venv
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from app import create_app
from benchmarks.mail_load import ours, sinks
from embedded.services import running_services
from services.mailbox.accounts import OWN_RELAY_CONNECTIONS
from services.system.database import prepare_database
from settings import Settings
from tests.servers.certificates import make_certificates

MESSAGES = 2_000
ROUNDS = 3
SIZE = 70_000
FEW_LINES = 4
ACCOUNTS = 100
PEER = Path(__file__).resolve().parent / "peers" / "django_post_office.py"
PEER_PACKAGES = ["django-post_office==3.12.0", "psycopg[binary]"]
GOALS = {"smtp_source": 0.45, "post_office": 3.0}

Measure = Callable[[], float]


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """All figures of this machine, in messages a second."""
    messages = getattr(arguments, "messages", None) or MESSAGES
    rounds = getattr(arguments, "rounds", None) or ROUNDS
    if sinks.program("smtp-sink") is None:
        return {
            "benchmark": "mailing",
            "skipped": "postfix's smtp-sink and smtp-source are missing",
        }
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            settings = Settings.from_env({**env, **urls.as_environment(), "LOG_LEVEL": "WARNING"})
            prepare_database(settings.database_url, settings.logins())
            superuser_dsn = str(urls.superuser_url).replace("+psycopg", "")
            with create_app(settings).app_context():
                ours.enter_company()
                load = Load(settings, superuser_dsn, folder, messages)
                return _report(load, _measured(load, rounds), rounds)


class Load:
    """What is sent again in every round."""

    def __init__(self, settings: Settings, superuser_dsn: str, folder: Path, messages: int) -> None:
        self.settings = settings
        self.superuser_dsn = superuser_dsn
        self.messages = messages
        self.certificates = make_certificates(folder)
        self.one = ours.make_load(settings, messages=messages, connections=FEW_LINES)
        self.many = ours.make_load(
            settings, messages=messages, accounts=min(ACCOUNTS, messages), connections=2
        )
        self.peer = _Peer(superuser_dsn, folder, messages)

    def send(
        self,
        port: int,
        mailings: list[int],
        *,
        burst: bool = False,
        lines: int = OWN_RELAY_CONNECTIONS,
        has_tls: bool = False,
    ) -> float:
        """Our rate, with everything as it was before the start."""
        ca_file = self.certificates.ca_file if has_tls else None
        ours.reset(self.superuser_dsn)
        ours.point_at(self.superuser_dsn, port, ca_file=ca_file, burst=burst)
        if mailings is self.one:
            ours.use_lines(self.superuser_dsn, mailings, lines)
        return ours.rate(self.settings, mailings, ca_file=ca_file)


class _Peer:
    """django-post_office in its own virtual environment and database."""

    def __init__(self, superuser_dsn: str, folder: Path, messages: int) -> None:
        self.python = folder / "peer" / "bin" / "python"
        self.media = folder / "media"
        self.messages = messages
        venv.create(folder / "peer", with_pip=True)
        self._call([str(self.python), "-m", "pip", "install", "-q", *PEER_PACKAGES])
        with psycopg.connect(superuser_dsn, autocommit=True) as connection:
            connection.execute("CREATE DATABASE post_office")
        self.dsn = (
            make_url(superuser_dsn)
            .set(database="post_office")
            .render_as_string(hide_password=False)
        )
        self._run(0, "prepare", messages, ours.PDF_BYTES)

    def rate(self, port: int, *, threads: int) -> float:
        """Messages a second of two processes, its best setting on two cores."""
        return float(self._run(port, "send", 2, threads))

    def _run(self, port: int, *arguments: object) -> str:
        command = [str(self.python), str(PEER), self.dsn, str(self.media), str(port)]
        return self._call([*command, *map(str, arguments)])

    def _call(self, command: list[str]) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        return done.stdout


def _measured(load: Load, rounds: int) -> dict[str, list[float]]:
    """Each figure once a round, one after the other."""
    figures: dict[str, list[float]] = defaultdict(list)
    with sinks.smtp_sink() as port, sinks.tls_sink(load.certificates.valid) as tls_port:
        measures: dict[str, Measure] = {
            "smtp_source": lambda: sinks.smtp_source_rate(port, messages=load.messages, size=SIZE),
            "ours": lambda: load.send(port, load.one, lines=OWN_RELAY_CONNECTIONS),
            "ours_burst": lambda: load.send(
                port, load.one, burst=True, lines=OWN_RELAY_CONNECTIONS
            ),
            "ours_4_lines": lambda: load.send(port, load.one, lines=FEW_LINES),
            "ours_4_lines_burst": lambda: load.send(port, load.one, burst=True, lines=FEW_LINES),
            "ours_100_accounts": lambda: load.send(port, load.many),
            "post_office_threads_1": lambda: load.peer.rate(port, threads=1),
            "post_office_threads_4": lambda: load.peer.rate(port, threads=4),
            "ours_own_sink": lambda: load.send(tls_port, load.one),
            "ours_starttls": lambda: load.send(tls_port, load.one, has_tls=True),
        }
        for number in range(rounds):
            for name, measure in measures.items():
                figures[name].append(measure())
                print(
                    f"round {number + 1}: {name} {figures[name][-1]:.0f} messages a second",
                    file=sys.stderr,
                )
    return figures


def _report(load: Load, figures: dict[str, list[float]], rounds: int) -> dict[str, Any]:
    median = {name: statistics.median(values) for name, values in figures.items()}
    best_peer = max(median["post_office_threads_1"], median["post_office_threads_4"])
    to_source = {
        name: statistics.median(
            ours / source
            for ours, source in zip(figures[name], figures["smtp_source"], strict=True)
        )
        for name in figures
        if name.startswith("ours")
    }
    return {
        "benchmark": "mailing",
        "messages": load.messages,
        "message_bytes": SIZE,
        "rounds": rounds,
        "per_second": {name: round(value) for name, value in median.items()},
        "spread": {name: [round(min(v)), round(max(v))] for name, v in figures.items()},
        "ratio": {
            "smtp_source": round(max(to_source["ours"], to_source["ours_burst"]), 2),
            "smtp_source_4_lines": round(
                max(to_source["ours_4_lines"], to_source["ours_4_lines_burst"]), 2
            ),
            "post_office": round(max(median["ours"], median["ours_burst"]) / best_peer, 1),
            "starttls_to_plain": round(median["ours_starttls"] / median["ours_own_sink"], 2),
            "accounts_100_to_1": round(median["ours_100_accounts"] / median["ours"], 2),
        },
        "goals": GOALS,
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "system": platform.platform(),
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 1),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks mailing", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    print(json.dumps(run(parser.parse_args()), ensure_ascii=False))


if __name__ == "__main__":
    main()
