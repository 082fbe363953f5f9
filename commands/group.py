"""What all commands share: a mistake is one line and exit code 2, our own fault is exit code 1."""

import json
import logging
import os
import sys
from typing import Any

import click
from flask import current_app, g
from flask.cli import AppGroup

from errors import AppError
from extensions.logs import configure_logging
from models.base import db
from models.people.organization import Organization
from models.tenancy import Actor, Scope, enter
from services.people.staff import organization_with_code
from services.system.database import is_prepared, prepare_database
from settings import Settings

logger = logging.getLogger(__name__)
CLI = Actor(kind="system", name="cli", source="cli")


class SentenceGroup(AppGroup):
    """Turns expected errors into one line and exit code 2, for all commands below it.

    The database is brought up to date first, since commands need no server that would have done it.
    """

    brings_database_up = True

    def invoke(self, context: click.Context) -> Any:
        try:
            if self.brings_database_up:
                _bring_up(current_app.extensions["settings"])
            g.language = "es" if os.environ.get("LANG", "").startswith("es") else "en"
            enter(Scope(actor=CLI))
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


def _bring_up(settings: Settings) -> None:
    configure_logging(settings.log_level, settings.ventanilla_data / "log" / "cli.log")
    if not is_prepared(settings.role_url("staff")):
        prepare_database(settings.database_url, settings.logins())


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Exactly one JSON object, or a sentence for people."""
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence)


def in_organization(code: str) -> Organization:
    """The organization with this code; from now on the command works in it."""
    place = organization_with_code(code)
    enter(Scope(organization_id=place.id, actor=CLI))
    return place
