"""A Python that has loaded the product and waits; whoever asks for a process gets a fork of it, without the two seconds of a core that loading takes.

    with ReadyPython() as ready:
        process = ready.start("commands", "mailing", "status", 1, env=environment, stdout=file)
        process.wait(60)

It is a process as any: arguments, environment, standard streams, signals and an exit code are its own, and the module runs
as `python -m` runs it. Nothing but modules is loaded before, so the application is assembled anew from its environment.
What starting from nothing proves, other tests prove (`tests/commands/test_command_line.py`).
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
NUMBER = struct.Struct("!i")
LONGEST_REQUEST = 100_000
LOADED = ("app", "commands.demo", "commands.accounts", "commands.documents", "commands.imports")
LOADED += ("commands.keys", "commands.mailboxes", "commands.mailings", "commands.people")
LOADED += ("commands.system",)


class Started:
    """One of the processes, with what tests ask of a `subprocess.Popen`."""

    def __init__(self, arguments: list[str], told: socket.socket) -> None:
        self._arguments = arguments
        self._told = told
        self.pid = self._number()
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = self._number()
            self._told.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not select.select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(self._arguments, timeout or 0)
        code = self.poll()
        assert code is not None
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _number(self) -> int:
        data = self._told.recv(NUMBER.size, socket.MSG_WAITALL)
        assert len(data) == NUMBER.size, "the Python that was ready has gone"
        number: int = NUMBER.unpack(data)[0]
        return number


class ReadyPython:
    """Loads from `with` on; the first process waits for that."""

    def __enter__(self) -> Self:
        self._asking, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.servers.ready_python", str(theirs.fileno())],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._asking.close()  # it ends when nobody can ask any more
        self._process.wait(60)

    def start(
        self,
        module: str,
        *arguments: object,
        env: dict[str, str],
        stdin: IO[Any] | None = None,
        stdout: IO[Any] | None = None,
        stderr: IO[Any] | None = None,
    ) -> Started:
        """`python -m module arguments` in the checkout; a stream that is not given leads nowhere."""
        words = [module, *map(str, arguments)]
        told, theirs = socket.socketpair()
        with theirs, open(os.devnull, "r+b") as nowhere:
            streams = [(stream or nowhere).fileno() for stream in (stdin, stdout, stderr)]
            asked = json.dumps({"words": words, "env": env}).encode()
            assert len(asked) < LONGEST_REQUEST
            socket.send_fds(self._asking, [asked], [*streams, theirs.fileno()])
        return Started(words, told)


def _serve(asking: socket.socket) -> None:
    """Fork for each who asks; returns in the forks alone, when they have done what was asked, and at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # each fork has its own keeper
    while True:
        asked, files, _flags, _address = socket.recv_fds(asking, LONGEST_REQUEST, 4)
        if not asked:
            return
        if os.fork() == 0:
            asking.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _keep(json.loads(asked), files[:3], socket.socket(fileno=files[3]))
            return
        for file in files:
            os.close(file)


def _keep(asked: dict[str, Any], streams: list[int], told: socket.socket) -> None:
    """Start it, and tell which it is and how it ended."""
    pid = os.fork()
    if pid:
        for file in streams:
            os.close(file)
        told.sendall(NUMBER.pack(pid))
        _pid, status = os.waitpid(pid, 0)
        try:
            told.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))
        finally:
            os._exit(0)
    told.close()
    for number, file in enumerate(streams):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.argv = asked["words"]
    gc.enable()
    runpy.run_module(asked["words"][0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    gc.disable()
    for name in LOADED:
        import_module(name)
    import_module("sqlalchemy.orm").configure_mappers()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
