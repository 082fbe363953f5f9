"""Data folders of their own, and the tiny server in place of ours."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.services import remove, short_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that does not exist yet; removed afterwards with all that belongs to it."""
    folder = short_folder()
    yield folder / "data"
    remove(folder / "data")
    remove(folder)


@pytest.fixture(scope="module")
def running() -> Iterator["Running"]:
    """A server that runs for all tests of a file which do not stop it."""
    folder = short_folder()
    server = Server(environment(folder / "data"))
    yield Running(folder / "data", server.wait_until_ready(), server)
    server.process.send_signal(signal.SIGTERM)
    server.process.communicate(timeout=20)
    remove(folder / "data")
    remove(folder)


@pytest.fixture
def env(data: Path) -> dict[str, str]:
    """The environment of a process that works on `data`."""
    return environment(data)


def environment(data: Path) -> dict[str, str]:
    """The environment of a process that works on a data folder and on no real servers."""
    clean = {name: text for name, text in os.environ.items() if not name.endswith("_URL")}
    return clean | {"VENTANILLA_DATA": str(data), "PYTHONPATH": str(ROOT)}


@dataclass
class Running:
    """A server that runs already."""

    data: Path
    address: str
    server: "Server"


class Server:
    """The tiny server, as a process of its own."""

    def __init__(
        self,
        env: dict[str, str],
        *arguments: str,
        python: str = sys.executable,
        cwd: Path = ROOT,
        **how: object,
    ) -> None:
        self.argv = [python, "-m", "tests.embedded.stand_ins", "server", *arguments]
        self.process = subprocess.Popen(
            self.argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **how,
        )
        self.said: list[str] = []

    def wait_until_ready(self) -> str:
        """The address that it prints."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("Ready: "):
                return line.removeprefix("Ready: ").strip()
        raise AssertionError(f"the server ended: {self.said}")

    def wait_for(self, words: str) -> str:
        """The next line with these words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if words in line:
                return line.rstrip()
        raise AssertionError(f"the server never said {words!r}: {self.said}")

    def ends_within(self, seconds: float) -> int:
        """The exit code; what it said until then is in `said`."""
        said, _ = self.process.communicate(timeout=seconds)
        self.said += said.splitlines()
        return self.process.returncode


@pytest.fixture
def start_server(env: dict[str, str]) -> Iterator[Callable[..., Server]]:
    """Starts tiny servers on `data`, or with another environment; none of them stays."""
    servers: list[Server] = []

    def start(*arguments: str, env: dict[str, str] = env, **how: object) -> Server:
        servers.append(Server(env, *arguments, **how))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.process.send_signal(signal.SIGTERM)
            server.process.communicate(timeout=20)


def processes_of(data: Path) -> dict[int, str]:
    """The processes that work for a data folder, by their environment or arguments; zombies do not count."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (process / "cmdline").read_bytes()
            if str(data).encode() in arguments + (process / "environ").read_bytes():
                found[int(process.name)] = arguments.replace(b"\0", b" ").decode()
        except OSError:
            continue
    # A zombie has no arguments any more.
    return {number: arguments for number, arguments in found.items() if arguments}


def wait_until(condition: Callable[[], object], seconds: float = 10) -> object:
    """The first answer of the condition that is true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return answer


def get(address: str) -> str:
    """What a page says."""
    with urllib.request.urlopen(address, timeout=5) as answer:
        return answer.read().decode()
