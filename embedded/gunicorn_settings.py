"""Gunicorn's settings for the web processes, wherever they run: `gunicorn -c python:embedded.gunicorn_settings`."""

import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from embedded.large_pages import take_large_pages
from embedded.process import die_with_parent

# A tenth less time of the processor, for about 90 MB more in each web process (`docs/settings.md`).
LARGE_PAGES = os.environ.get("WEB_LARGE_PAGES", "1") != "0"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
# The product is assembled once; workers are forks of it, ready at once, and share its memory.
preload_app = True
timeout = 60
graceful_timeout = 5
keepalive = 5
# One request's worth of head lines; more is an attack or a broken client.
limit_request_line = 8190
limit_request_fields = 100
# The heartbeat is a file: on a slow disk a worker would be taken for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # nosec B108
control_socket_disable = True
accesslog = None
errorlog = "-"
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "embedded.json_lines.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
    },
    "root": {"level": "INFO", "handlers": ["stderr"]},
}


def on_starting(server: Any) -> None:
    """Where the kernel does not look after it, the master watches the supervisor itself."""
    if sys.platform != "linux":
        die_with_parent(signal.SIGTERM)


def post_fork(server: Any, worker: Any) -> None:
    """A web process ends with its master, so that nobody holds the port without an owner.

    What was assembled before the fork stays for good: looking through it for garbage would hold a request up for a
    tenth of a second every hundred pages, and unshare its memory.
    """
    gc.freeze()
    if LARGE_PAGES:
        take_large_pages()
    die_with_parent(parent=server.pid)
