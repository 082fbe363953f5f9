"""Locks on files that the kernel gives back when their holder ends, however it ends."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self


class FileLock:
    """An flock(2) on a file of the data folder: one holder alone, or many that share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def try_alone(self) -> bool:
        """Take the lock alone, or answer False at once."""
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        """Take the lock together with others, or answer False at once."""
        return self._try(fcntl.LOCK_SH)

    def wait_for(self, attempt: Callable[[], bool], seconds: float) -> bool:
        """Repeat an attempt until it succeeds or the time is over."""
        deadline = time.monotonic() + seconds
        while not (taken := attempt()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return taken

    @property
    def descriptor(self) -> int:
        """The open file, to be handed to a child that then holds the same lock."""
        assert self._descriptor is not None
        return self._descriptor

    def write(self, text: str) -> None:
        """Leave a word about the holder in the file."""
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, text.encode(), 0)

    def release(self) -> None:
        """Let go; a child that got the descriptor keeps the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self, kind: int) -> bool:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            # A failed change from shared to alone has lost the shared lock too, so start afresh.
            self.release()
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock on this file."""
    with FileLock(path) as lock:
        return not lock.try_alone()
