"""While PostgreSQL is away every page says so, calmly; what is wrong is not the product."""

import threading
import time
from dataclasses import replace

import psycopg
import pytest
from flask import Flask

from app import create_app
from extensions import limiter
from settings import Settings
from tests.admin_views.conftest import SignIn

SENTENCES = {
    "es": "La base de datos no responde.",
    "en": "The database does not answer.",
}


@pytest.fixture
def without_database(settings: Settings) -> Flask:
    """The product with the same keys, where no PostgreSQL listens."""
    app = create_app(replace(settings, database_url="postgresql+psycopg://a:b@127.0.0.1:1/none"))
    limiter.enabled = False
    return app


@pytest.mark.parametrize("lang", ["es", "en"])
@pytest.mark.parametrize("path", ["/admin/customer/", "/mailings/new", "/l/abcdefghijklmnopqrstuv"])
def test_a_page_without_database_says_so_and_when_to_come_back(
    sign_in: SignIn, without_database: Flask, lang: str, path: str
) -> None:
    cookie = sign_in(lang=lang).get_cookie("staff")
    assert cookie is not None
    browser = without_database.test_client()
    browser.set_cookie("staff", cookie.value)

    answer = browser.get(path, headers={"Accept-Language": lang})

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert SENTENCES[lang] in answer.text


def test_a_connection_that_breaks_under_a_page_is_no_fault_of_ours(
    sign_in: SignIn, superuser_dsn: str
) -> None:
    browser = sign_in(lang="en")
    with psycopg.connect(superuser_dsn) as locked:
        locked.execute("LOCK TABLE customer")
        breaker = threading.Thread(target=_break_who_waits, args=(superuser_dsn,))
        breaker.start()

        answer = browser.get("/admin/customer/")

        breaker.join()
    assert answer.status_code == 503
    assert SENTENCES["en"] in answer.text
    assert browser.get("/admin/customer/").status_code == 200


def _break_who_waits(dsn: str) -> None:
    """End the connection of whoever waits for the customers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _attempt in range(200):
            ended = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE relation = 'customer'::regclass AND NOT granted"
            ).fetchall()
            if ended:
                return
            time.sleep(0.1)
