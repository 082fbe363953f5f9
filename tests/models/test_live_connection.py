"""Connections that last."""

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DataError

from models.base import db

PREPARED = text("SELECT count(*) FROM pg_prepared_statements")
SAME = text("SELECT 1 AS always_the_same")


def test_a_page_that_changes_nothing_leaves_its_statements_prepared(app: Flask) -> None:
    for _page in range(8):
        db.session.execute(SAME)
        db.session.rollback()

    assert db.session.scalar(PREPARED)


def test_a_transaction_that_failed_is_taken_back_as_ever(app: Flask) -> None:
    with db.engine.connect() as connection:
        with pytest.raises(DataError):
            connection.execute(text("SELECT 1 / 0"))
        connection.rollback()

        assert connection.scalar(text("SELECT 1")) == 1


def test_what_was_written_is_taken_back(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE written (n int)"))
        connection.commit()
        connection.execute(text("INSERT INTO written VALUES (1)"))
        connection.rollback()

        assert connection.scalar(text("SELECT count(*) FROM written")) == 0


def test_a_connection_that_the_server_ended_is_not_used_again(
    app: Flask, superuser_dsn: str
) -> None:
    ended = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    with psycopg.connect(superuser_dsn, autocommit=True) as around:
        around.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])

    assert db.session.scalar(text("SELECT pg_backend_pid()")) != ended


TOLD = text(
    "SELECT current_setting('app.organization_id', true), current_setting('app.customer_id', true),"
    " current_setting('statement_timeout')"
)


def test_what_a_transaction_begins_with_ends_with_it(app: Flask) -> None:
    told = {"app.organization_id": 7, "app.customer_id": None, "statement_timeout": 29_000}
    with db.engine.connect() as connection:
        connection.begin()
        assert connection.connection.driver_connection.begin_with(told)
        assert connection.execute(TOLD).one() == ("7", "", "29s")
        connection.rollback()

        assert connection.execute(TOLD).one()[0] == ""


def test_a_transaction_under_way_begins_with_nothing(app: Flask) -> None:
    with db.engine.connect() as connection:
        connection.execute(SAME)

        assert not connection.connection.driver_connection.begin_with({"app.organization_id": 7})


def test_one_question_alone_is_a_transaction_of_its_own(app: Flask) -> None:
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        connection.execute(text("CREATE TEMPORARY TABLE written (n int)"))
        connection.commit()

        said = driver.ask_alone("INSERT INTO written VALUES (%(n)s) RETURNING n", {"n": 7})
        connection.execute(text("INSERT INTO written VALUES (8)"))
        connection.rollback()

        assert said == (7,)
        assert connection.scalars(text("SELECT n FROM written")).all() == [7]
        connection.rollback()
        assert driver.ask_alone("SELECT n FROM written WHERE n = %(n)s", {"n": 1}) is None


def test_a_question_alone_that_fails_leaves_a_connection_that_begins_transactions(
    app: Flask,
) -> None:
    with db.engine.connect() as connection:
        driver = connection.connection.driver_connection
        with pytest.raises(psycopg.errors.DivisionByZero):
            driver.ask_alone("SELECT 1 / %(n)s", {"n": 0})

        assert driver.autocommit is False
