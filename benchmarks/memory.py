"""The memory of a sending process over a mailing of 10,000: after the first 1,000 messages, and at its end.

The process is the one that the fault cases kill (`tests/servers/sender_process.py`), with 8 lines into a server that
keeps what it was given. Registering is measured by `register`. Prints one JSON object.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from app import create_app
from benchmarks.mail_load.resident import family_mb, growth
from embedded.services import running_services
from models.base import db
from models.tenancy import Actor, Scope, enter
from services.system.database import prepare_database
from settings import Settings
from tests.factories.people import make_organization
from tests.services.mailings.faults.laboratory import Laboratory

MESSAGES = 10_000
LINES = 8
LONGEST_SECONDS = 900.0
LOOK_SECONDS = 0.05
MOST_GROWTH = 1.1


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """One mailing, from start to finished."""
    count = getattr(arguments, "messages", None) or MESSAGES
    with tempfile.TemporaryDirectory(prefix="vt-m-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            settings = Settings.from_env({**env, **urls.as_environment(), "LOG_LEVEL": "ERROR"})
            prepare_database(settings.database_url, settings.logins())
            with create_app(settings).app_context():
                company = make_organization()
                db.session.commit()
                enter(Scope(organization_id=company.id, actor=Actor(name="benchmark")))
                lab = Laboratory(settings, folder)
                try:
                    found = growth(_samples(lab, count))
                finally:
                    lab.close()
                    db.session.remove()
    return {
        "benchmark": "memory",
        **found,
        "wanted": MOST_GROWTH,
        "met": found["messages_last"] == count and found["ratio"] <= MOST_GROWTH,
    }


def _samples(lab: Laboratory, count: int) -> dict[int, float]:
    """MB of the sender by how many messages the server has taken."""
    lab.serve()
    mailing = lab.mailing(count, connections=LINES)
    lab.start(mailing)
    sender = lab.sender(LONGEST_SECONDS)
    samples: dict[int, float] = {}
    while sender.poll() is None:
        megabytes = family_mb(sender.pid)
        taken = lab.record.read_bytes().count(b"\n") if lab.record.exists() else 0
        if megabytes:
            samples[taken] = megabytes
        time.sleep(LOOK_SECONDS)
    return samples
