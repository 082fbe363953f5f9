"""Reading messages one by one in a child with little memory and time, after a job that read them has died.

The child only says that it has come through; whoever asks parses the message then. What kills the child is a dead letter.
"""

import contextlib
import struct
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = (sys.executable, "-m", "mail.limited_reading")
LENGTH = struct.Struct(">Q")


class TrialReader:
    """Runs from `with` on; a child that died is replaced."""

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

    def survives(self, raw: bytes) -> bool:
        """Whether these bytes can be read within the limits."""
        child = self._child = self._child or self._started()
        given: IO[bytes] | None = child.stdin
        said: IO[bytes] | None = child.stdout
        if given is None or said is None:
            return False
        try:
            given.write(LENGTH.pack(len(raw)))
            given.write(raw)
            given.flush()
            if said.read(1) == b".":
                return True
        except OSError:
            pass  # it died while it was told
        self._end()
        return False

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # nosec B603  # our own module, no words of strangers
            COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
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
