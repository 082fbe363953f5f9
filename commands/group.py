"""What all commands share: a mistake is one line and exit code 2, our own fault is exit code 1."""

import json
import logging
import sys
from typing import Any

import click
from flask.cli import AppGroup

from errors import AppError
from models.base import db
from models.tenancy import Actor, Scope, enter

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


def say(result: dict[str, Any], as_json: bool, sentence: str) -> None:
    """Exactly one JSON object, or a sentence for people."""
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else sentence)
