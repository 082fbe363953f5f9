"""What gunicorn answers in a second, as `script/server` starts it, asked from a process on the same machine."""

import contextvars
import json
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

WINDOWS, WINDOW_SECONDS, WARM_SECONDS = 5, 5, 4
CALLERS = 8
ROOT = Path(__file__).resolve().parents[2]


class Visit(Protocol):
    """Somebody who stands at a customer: their cookie and the pages that they look at."""

    token: str
    urls: dict[str, str]


def requests_a_second(app: Any, env: dict[str, str], visits: Sequence[Visit]) -> dict[str, Any]:
    """Of all their pages in turn, asked for by browsers that have been there before; the median of some windows of time."""
    with _gunicorn(env) as port:
        requests = [
            f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {_cookies(app, visit)}\r\n\r\n"
            for visit in visits
            for url in visit.urls.values()
        ]
        given = {"port": port, "requests": requests, "callers": CALLERS}
        _called({**given, "seconds": WARM_SECONDS})
        windows = [_called({**given, "seconds": WINDOW_SECONDS}) for _each in range(WINDOWS)]
    taken = [each for window in windows for each in window["taken"]]
    a_second = [round(len(each["taken"]) / each["seconds"]) for each in windows]
    return {
        "requests_a_second": statistics.median(a_second),
        "windows": a_second,
        "ms": {
            "p50": round(statistics.median(taken), 1),
            "p95": round(statistics.quantiles(taken, n=20)[-1], 1),
        },
        "callers": CALLERS,
    }


def _cookies(app: Any, visit: Visit) -> str:
    """All that a browser sends after its first page: who it is, and what the forms of its pages are checked by."""
    client = app.test_client()
    client.set_cookie("portal", visit.token)
    contextvars.Context().run(client.get, visit.urls["home"])
    name = app.config["SESSION_COOKIE_NAME"]
    return f"portal={visit.token}; {name}={client.get_cookie(name).value}"


def _called(given: dict[str, Any]) -> dict[str, Any]:
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.portal_load.callers"],
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        check=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@contextmanager
def _gunicorn(env: dict[str, str]) -> Iterator[int]:
    """The web processes as `script/server` starts them; gives their port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "gunicorn", "-c", "python:embedded.gunicorn_settings"),
        *("--bind", f"127.0.0.1:{port}", "app:create_app()"),
    ]
    process = subprocess.Popen(command, env={**env, "LOG_LEVEL": "ERROR"}, cwd=ROOT)
    try:
        for _try in range(120):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)
