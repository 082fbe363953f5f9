"""Commands run as a person runs them: in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from settings import Settings
from tests.servers.ready_python import ReadyPython

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def environment(settings: Settings, root: Path) -> dict[str, str]:
    """What a process needs to work on the database of this test."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "FILES_URL": settings.files_url,
        "VENTANILLA_DATA": str(settings.ventanilla_data),
        "ENCRYPTION_KEYS": " ".join(settings.encryption_keys),
        "PUBLIC_BASE_URL": "http://localhost",
        "MAIL_PORTS": settings.mail_ports,
        "PYTHONPATH": str(root),
    }


@pytest.fixture
def run(environment: dict[str, str], ready_python: ReadyPython) -> Run:
    """`run("mailing", "status", 1)`: the finished process, of a Python that had loaded the product before."""

    def call(*arguments: object, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        with TemporaryFile("w+") as said, TemporaryFile("w+") as told, TemporaryFile("w+") as wrong:
            said.write(stdin)
            said.seek(0)
            process = ready_python.start(
                "commands", *arguments, env=environment, stdin=said, stdout=told, stderr=wrong
            )
            try:
                code = process.wait(120)
            finally:
                process.kill()
            told.seek(0)
            wrong.seek(0)
            return subprocess.CompletedProcess(arguments, code, told.read(), wrong.read())

    return call


@pytest.fixture
def run_anew(environment: dict[str, str], root: Path) -> Run:
    """The same from nothing, as a person runs it."""

    def call(*arguments: object, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "commands", *map(str, arguments)],
            input=stdin,
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
            timeout=120,
        )

    return call
