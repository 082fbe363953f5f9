"""The product as it runs: a web server in a thread, workers as processes, a mail server that keeps what it gets."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from settings import Settings
from tests.servers.smtp_server import RecordingSmtpServer

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Product:
    """Where it answers, and what it has sent."""

    base_url: str
    mail: RecordingSmtpServer


@contextmanager
def web_server(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(5)


@contextmanager
def workers(settings: Settings, count: int = 2) -> Iterator[None]:
    """Worker processes with these settings, as `script/server` starts them."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "VENTANILLA_DATA": str(settings.ventanilla_data),
        "FILES_URL": settings.files_url,
        "PUBLIC_BASE_URL": settings.public_base_url,
        "MAIL_PORTS": settings.mail_ports,
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-P", "-m", "commands", "system", "worker"]
    started = [subprocess.Popen(command, env=env, cwd=ROOT) for _number in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
