"""What the scripts call: prepare the database, work, keep time."""

import signal
import threading

import click
from flask import current_app
from flask_babel import gettext as _

from commands.group import SentenceGroup
from extensions.logs import configure_logging
from jobs.clock import run_clock
from jobs.worker import work
from models.base import db
from services.people.first_admin import LINK_HOURS, make_setup_link
from settings import Settings

system = SentenceGroup("system", help="What script/server calls.")
system.brings_database_up = False


@system.command("first-admin")
@click.option("--base-url", required=True, help="The address that people use.")
def system_first_admin(base_url: str) -> None:
    """Print the one-time link by which an empty installation gets its first administrator."""
    token = make_setup_link()
    db.session.commit()
    if token is not None:
        click.echo(
            _(
                "Nobody can sign in yet. Open this link within %(hours)d hours; it works once:",
                hours=LINK_HOURS,
            )
        )
        click.echo(f"{base_url.rstrip('/')}/setup/{token}")


@system.command("worker")
@click.argument("queues", nargs=-1)
def system_worker(queues: tuple[str, ...]) -> None:
    """Take jobs until told to stop."""
    configure_logging(current_app.extensions["settings"].log_level)
    work(current_app.extensions["settings"].redis_url, list(queues))


@system.command("clock")
def system_clock() -> None:
    """Enqueue what is due until told to stop."""
    settings: Settings = current_app.extensions["settings"]
    configure_logging(settings.log_level)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run_clock(settings.role_dsn("staff"), stopping)
