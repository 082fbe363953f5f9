"""What a person waits for who presses *Register*: the page with the bar, its first progress, and the longest standstill."""

import re
import time
from typing import Any

from jobs.worker import somebody_works
from tests.browser import Browser
from tests.services.mailings.faults.laboratory import Laboratory, wait_until
from tests.services.mailings.faults.test_lost_services import flask

FORM = "/mailings/new"
PREPARED = re.compile(r'<div class="v-big num">([\d.,]+) <span>')
BAR = 'data-live hx-get="([^"]+)"'
LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 600.0


def watch_registering(
    client: Browser, lab: Laboratory, account_id: int, *, series: str
) -> dict[str, Any]:
    """Register all invoices of a series through the page, with a worker in a process of its own."""
    flask(lab, "worker", "mailings")
    wait_until(lambda: somebody_works("mailings"), 60)
    fields = {
        "csrf_token": client.csrf_token(FORM),
        "account": str(account_id),
        "series": series,
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Su factura {{ document.number }}",
        "body": "Buenos días, {{ contact.name }}:",
    }
    began = time.perf_counter()
    answer = client.post(FORM, data=fields)
    assert answer.status_code == 302, answer.text
    page = client.get(answer.location).text
    page_seconds = time.perf_counter() - began
    bar = re.search(BAR, page)
    assert bar, "the page has no bar"
    return {"page_seconds": round(page_seconds, 2), **_progress(client, bar[1], began)}


def _progress(client: Browser, url: str, began: float) -> dict[str, Any]:
    """Look as the page does until it is registered, only more often."""
    first, last, moved_at, standstill = 0.0, 0, began, 0.0
    deadline = began + PATIENCE_SECONDS
    while (look := client.get(url.replace("&amp;", "&")).text) and 'id="toolbar"' not in look:
        assert time.perf_counter() < deadline, "it did not end in time"
        shown = PREPARED.search(look)
        prepared = int(re.sub(r"\D", "", shown[1])) if shown else 0
        if prepared > last:
            now = time.perf_counter()
            first = first or now - began
            standstill = max(standstill, now - moved_at)
            last, moved_at = prepared, now
        time.sleep(LOOK_SECONDS)
    return {
        "first_progress_seconds": round(first, 2),
        "longest_standstill_seconds": round(standstill, 2),
        "registered_seconds": round(time.perf_counter() - began, 1),
    }
