"""The command line: thin commands, one function each (`script/cli ...`).

Exit 0 on success, 2 with one line for a person's mistake, 1 for ours.
"""

import json
import logging
import signal
import sys
import threading
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from errors import AppError
from extensions import configure_logging
from jobs.clock import run_clock
from jobs.worker import work
from models.base import db
from models.tenancy import Actor, Scope, enter
from services.people.staff import create_organization, create_user, organization_with_code
from services.system.database import prepare_database
from settings import Settings

logger = logging.getLogger(__name__)


class SentenceGroup(AppGroup):
    """Turns expected errors into one line and exit code 2, for all commands below it."""

    def invoke(self, context: click.Context) -> Any:
        try:
            enter(Scope(actor=Actor(kind="system", name="cli", source="cli")))
            return super().invoke(context)
        except AppError as problem:
            db.session.rollback()
            click.echo(problem.message, err=True)
            sys.exit(2)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception:
            logger.exception("command failed")
            click.echo("Something went wrong; the log has the details.", err=True)
            sys.exit(1)


user = SentenceGroup("user", help="Staff users.")
organization = SentenceGroup("organization", help="Organizations.")
system = SentenceGroup("system", help="What script/server calls.")


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Exactly one JSON object, or a sentence for people."""
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence)


@organization.command("create")
@click.option("--code", required=True)
@click.option("--name", required=True)
@click.option("--tax-id")
@click.option("--currency", default="EUR")
def organization_create(code: str, name: str, tax_id: str | None, currency: str) -> None:
    """Make an organization."""
    made = create_organization(code, name, tax_id=tax_id, currency=currency)
    db.session.commit()
    click.echo(f"Organization {made.code} was created.")


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(["administrator", "clerk", "reader"]))
@click.option("--organization", "code", required=True)
def user_create(email: str, name: str, role: str, code: str) -> None:
    """Make a staff user; the password is read from standard input."""
    place = organization_with_code(code)
    password = sys.stdin.readline().rstrip("\n")
    create_user(email, name, password=password, role_code=role, organization=place)
    db.session.commit()
    click.echo(f"{name} may sign in as {email}.")


@system.command("prepare")
def system_prepare() -> None:
    """Migrate the database under a lock and let the roles that serve sign in."""
    settings: Settings = current_app.extensions["settings"]
    prepare_database(settings.database_url, settings.logins())


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


def register(app: Flask) -> None:
    """Give the application its commands."""
    for group in (user, organization, system):
        app.cli.add_command(group)
