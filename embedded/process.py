"""Child processes that end together with their parent, whatever ends it."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not load libraries.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system that a child runs as."""

    name: str
    uid: int
    gid: int


def die_with_parent(
    signal_number: signal.Signals = signal.SIGKILL, *, parent: int | None = None
) -> None:
    """Make this process receive `signal_number` when its parent ends; call it first, in the main thread.

    Linux does it by itself (PR_SET_PDEATHSIG). A fork clears the wish, so every generation calls this
    again. Elsewhere a thread looks once a second whether the parent is still the same. Whoever knows
    its parent's number passes it, and ends at once if the parent has gone already.
    """
    expected = os.getppid() if parent is None else parent
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
    else:
        threading.Thread(target=_watch_parent, args=(expected, signal_number), daemon=True).start()
    if os.getppid() != expected:
        os.kill(os.getpid(), signal_number)


def _watch_parent(parent: int, signal_number: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal_number)


def _bind_to(parent: int, signal_number: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec."""

    def bind() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
            if os.getppid() != parent:  # it ended before we could ask
                os._exit(1)

    return bind


def spawn(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    errors: IO[bytes] | int = subprocess.STDOUT,
    account: Account | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that gets `death_signal` when this process ends.

    Call it from the main thread: the kernel watches the thread that forked, not the process.
    """
    return subprocess.Popen(
        [str(part) for part in argv],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        # Ctrl-C in a terminal goes to its whole process group: only the supervisor shall get it.
        start_new_session=True,
        # Runs after the change of user, which would have cleared the wish.
        preexec_fn=_bind_to(os.getpid(), death_signal),
        pass_fds=tuple(pass_fds),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """End a child and everybody in its process group at once."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        child.kill()
    child.wait()
