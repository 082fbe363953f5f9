"""What is written into logs when something goes wrong: where and why, never whose or what."""

import logging
import sys

from flask import Flask
from sqlalchemy import text

from extensions.logs import JsonLines
from models.base import db

CANARY = "canary-in-a-log"


def line_of(statement: str, **values: object) -> str:
    """The line that a log gets for a statement that the database refuses."""
    try:
        db.session.execute(text(statement), values)
    except Exception:
        record = logging.LogRecord("app", logging.ERROR, "", 0, "refused", None, sys.exc_info())
        db.session.rollback()
        return JsonLines().format(record)
    raise AssertionError("it was not refused")


def test_a_log_does_not_repeat_the_values_of_a_statement(app: Flask) -> None:
    """T28: a password's hash or a customer's name in a failing statement stays out of the log."""
    line = line_of(
        "SELECT CAST(:secret AS text), CAST(:number AS bigint)", secret=CANARY, number="x"
    )

    assert "bigint" in line
    assert CANARY not in line


def test_a_log_does_not_repeat_the_row_that_was_refused(app: Flask) -> None:
    """T28: PostgreSQL quotes the failing row in its message."""
    line = line_of("INSERT INTO role (code, name) VALUES (:code, 'x')", code=CANARY)

    assert "null value" in line
    assert CANARY not in line
