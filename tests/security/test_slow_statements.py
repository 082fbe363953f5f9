"""One statement of a page ends after a while; workers, imports and migrations may take their time."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

from models.base import db
from settings import Settings
from tests.admin_views.conftest import SignIn
from tests.factories.admin import Rows


@pytest.fixture
def one_second(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    short = replace(settings, statement_timeout_seconds=1)
    monkeypatch.setitem(app.extensions, "settings", short)


@pytest.fixture
def blocked(superuser_dsn: str) -> Iterator[None]:
    """Somebody holds the customers: whoever asks for them waits."""
    with psycopg.connect(superuser_dsn) as connection:
        connection.execute("LOCK TABLE customer")
        yield


def test_a_page_that_takes_too_long_is_stopped_with_a_sentence(
    sign_in: SignIn, one_second: None, blocked: None
) -> None:
    answer = sign_in(lang="en").get("/admin/customer/")

    assert answer.status_code == 503
    assert "This takes too long at the moment" in answer.text


def test_saving_that_takes_too_long_says_so_in_the_form(
    sign_in: SignIn, rows: Rows, one_second: None, superuser_dsn: str
) -> None:
    group = rows.records["customer_group"]
    fields = {"code": group.code, "name": "Another", "row_version": str(group.version)}
    admin = sign_in(lang="en")
    with psycopg.connect(superuser_dsn) as connection:
        connection.execute("SELECT FROM customer_group WHERE id = %s FOR UPDATE", (group.id,))

        answer = admin.post(f"/admin/customer_group/edit/?id={group.id}", data=fields)

    assert answer.status_code == 422
    assert "This takes too long at the moment" in answer.text


def test_nothing_but_pages_is_limited(app: Flask) -> None:
    assert db.session.scalar(text("SHOW statement_timeout")) == "0"
