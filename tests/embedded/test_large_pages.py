"""A process puts its memory into large pages: it is smaller for the processor, and the same for everybody else."""

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROCESS = """
import hashlib
from embedded.large_pages import LARGE, take_large_pages

def large_kilobytes():
    with open("/proc/self/smaps_rollup") as memory:
        return next(int(line.split()[1]) for line in memory if line.startswith("AnonHugePages:"))

pieces = [str(number) * 8 for number in range(400_000)]
digest = hashlib.sha256("".join(pieces).encode()).digest()
taken = take_large_pages()
assert hashlib.sha256("".join(pieces).encode()).digest() == digest
print(taken, large_kilobytes() * 1024 // LARGE)
"""
CAN = Path("/sys/kernel/mm/transparent_hugepage/enabled")
AT_ONCE_SINCE = (6, 1)  # of Linux


def test_what_it_has_is_in_large_pages_where_the_system_gives_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROCESS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    taken, there = map(int, done.stdout.split())

    assert there >= taken
    release = tuple(map(int, platform.release().split(".")[:2]))
    if CAN.exists() and release >= AT_ONCE_SINCE:
        assert taken > 0
