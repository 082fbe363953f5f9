"""Children that read strangers' bytes for us within limits (`mail/limited_child.py`): what kills one kills nothing else."""

import contextlib
import struct
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent.parent
LENGTH = struct.Struct(">Q")
LONGEST_ANSWER = 16 * 1024 * 1024  # bytes


def python_module(name: str) -> tuple[str, ...]:
    """The command that runs it."""
    return sys.executable, "-m", name


class LimitedChild:
    """Runs `command` from `with` on, when it is asked first; a child that died is replaced."""

    command: tuple[str, ...]

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def answer(self, raw: bytes) -> bytes | None:
        """What it says about these bytes; None if they are more than the limits allow, or cannot be read."""
        child = self._child = self._child or self._started()
        given: IO[bytes] | None = child.stdin
        said: IO[bytes] | None = child.stdout
        if given is None or said is None:
            return None
        try:
            given.write(LENGTH.pack(len(raw)))
            given.write(raw)
            given.flush()
            head = said.read(LENGTH.size)
            size = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else LONGEST_ANSWER + 1
            told = said.read(size) if size <= LONGEST_ANSWER else b""
            if len(told) == size:
                return told
        except OSError:
            pass  # it died while it was told
        self._end()
        return None

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # nosec B603  # our own module, no words of strangers
            self.command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()
            child.wait()
