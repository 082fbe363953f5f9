"""What lives, and how much there is of it."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from jobs.queue import bell
from models.base import db
from models.people.organization import Organization
from services.system.health import (
    CLOCK_KEY,
    CommitTime,
    check_health,
    tell_clock_ticks,
    workers_alive,
)
from services.system.latency import KEY, LatencyBook, request_histograms
from tests.browser import Browser, new_browser
from tests.factories.mailbox import make_folder, make_mailbox
from tests.factories.people import PASSWORD, make_user


@pytest.fixture
def valkey(app: Flask) -> Iterator["Redis"]:
    connection = bell()
    connection.flushdb()
    yield connection
    connection.flushdb()


@pytest.fixture
def two_workers(valkey: "Redis") -> list[Worker]:
    """Workers that have just told that they live."""
    workers = [
        Worker(
            [Queue("system", connection=valkey, serializer=JSONSerializer)],
            connection=valkey,
            serializer=JSONSerializer,
        )
        for _number in range(2)
    ]
    for worker in workers:
        worker.register_birth()
    return workers


def test_all_is_well(browser: Browser, valkey: "Redis", two_workers: list[Worker]) -> None:
    tell_clock_ticks(valkey)

    answer = browser.get("/healthz")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "ok"
    assert answer.json["commit_ms"] > 0


@pytest.mark.parametrize("part", ["clock", "workers"])
def test_what_is_missing_is_named(
    browser: Browser, valkey: "Redis", two_workers: list[Worker], part: str
) -> None:
    if part == "clock":
        valkey.set(CLOCK_KEY, time.time() - 60)
    else:
        tell_clock_ticks(valkey)
        two_workers[0].register_death()

    answer = browser.get("/healthz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json[part]["status"] in ("late", "too few")


def test_a_killed_worker_is_missed_within_a_minute(
    valkey: "Redis", two_workers: list[Worker]
) -> None:
    valkey.hset(two_workers[0].key, "last_heartbeat", "2026-01-01T00:00:00.000000Z")

    assert workers_alive(valkey).alive == 1


def test_home_says_that_no_worker_runs(
    browser: Browser, organization: Organization, valkey: "Redis"
) -> None:
    browser.enter_as(make_user(organization), organization)

    assert "server-off" in browser.get("/").text


def test_home_is_calm_with_workers(
    browser: Browser, organization: Organization, two_workers: list[Worker]
) -> None:
    browser.enter_as(make_user(organization), organization)

    assert "server-off" not in browser.get("/").text


def test_the_mail_area_says_that_no_worker_runs(
    browser: Browser, organization: Organization, valkey: "Redis"
) -> None:
    """Pains D-13, L-28: the test of an account may have been good, and still nothing is read or sent."""
    make_folder(make_mailbox(is_shared=True))
    browser.enter_as(make_user(organization), organization)

    page = browser.get("/mail/").text

    assert "#server-off" in page
    assert "nada se lee ni se envía" in page


def test_the_mail_area_is_calm_with_workers(
    browser: Browser, organization: Organization, two_workers: list[Worker]
) -> None:
    make_folder(make_mailbox(is_shared=True))
    browser.enter_as(make_user(organization), organization)

    page = browser.get("/mail/").text

    assert 'id="mail-states"' in page
    assert "#server-off" not in page


def test_the_commit_is_measured_once_a_minute(
    app: Flask, valkey: "Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_time = CommitTime()
    first = check_health(db.engine, valkey, commit_time, ready_workers=0).commit_ms
    commit_time.milliseconds = 12345.0

    again = check_health(db.engine, valkey, commit_time, ready_workers=0).commit_ms

    assert first is not None
    assert again == 12345.0


def test_requests_of_all_processes_are_added_up(valkey: "Redis") -> None:
    ours, theirs = LatencyBook(), LatencyBook()
    ours.note("home.home", 200, 0.004)
    ours.note("home.home", 302, 0.004)
    theirs.note("home.home", 200, 0.3)
    theirs.note("home.home", 200, 99)
    for book in (ours, theirs):
        book.flush(valkey, now=True)

    good = next(one for one in request_histograms(valkey) if one.status == "2xx")

    assert (good.counts[0], good.counts[6], good.counts[-1]) == (1, 1, 1)
    assert good.seconds == pytest.approx(99.304)


def test_what_was_counted_waits_for_valkey(valkey: "Redis") -> None:
    book = LatencyBook()
    book.note("home.home", 200, 0.004)

    book.flush(Redis(host="127.0.0.1", port=1), now=True)
    book.flush(valkey, now=True)

    assert len(request_histograms(valkey)) == 1


def test_metrics_are_figures_of_prometheus(browser: Browser, valkey: "Redis") -> None:
    browser.get("/sign-in")

    text = browser.get("/metrics").text

    for name in (
        'ventanilla_up{part="database"} 1.0',
        'ventanilla_queue_jobs{queue="mailings"} 0.0',
        "ventanilla_workers 0.0",
        'ventanilla_request_duration_seconds_count{endpoint="sign_in.sign_in",status="2xx"}',
        "# TYPE ventanilla_deliveries gauge",
        "# TYPE ventanilla_mailings gauge",
    ):
        assert name in text


@pytest.mark.parametrize(
    ("address", "headers"),
    [("192.0.2.7", {}), ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}), ("nonsense", {})],
)
def test_metrics_are_for_this_machine_only(
    browser: Browser, app: Flask, address: str, headers: dict[str, str]
) -> None:
    answer = browser.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers)

    assert answer.status_code == 404
    assert "ventanilla_" not in answer.text


def test_without_valkey_one_can_sign_in_and_is_told(
    without_valkey: Flask, organization: Organization
) -> None:
    user = make_user(organization)
    db.session.commit()
    browser = new_browser(without_valkey)

    assert browser.sign_in(user.email, PASSWORD).status_code == 302

    assert "server-off" in browser.get("/").text
    health = browser.get("/healthz")
    assert health.status_code == 503
    assert health.json is not None
    assert (health.json["database"], health.json["valkey"]) == ("ok", "unreachable")


def test_without_valkey_tries_are_still_limited(
    without_valkey: Flask, organization: Organization
) -> None:
    """Brute force does not become free because the counter is away."""
    browser = new_browser(without_valkey)

    statuses = [browser.sign_in("x@example.com", "wrong").status_code for _try in range(11)]

    assert statuses == [422] * 10 + [429]


def test_the_histogram_has_no_strangers_words(browser: Browser, valkey: "Redis") -> None:
    browser.get("/nothing/%3Cscript%3E")
    browser.get("/metrics")

    assert all(b"script" not in name for name in valkey.hkeys(KEY))
