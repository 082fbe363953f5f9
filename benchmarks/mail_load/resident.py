"""How much memory a process holds at this moment (Linux)."""

from collections.abc import Collection, Mapping
from pathlib import Path

FIRST = 1_000  # messages after which everything that is loaded once has been loaded


def family_mb(pid: int, *, without: Collection[int] = ()) -> float:
    """Of the process and of those it has started, but for those `without`; 0 when it has ended."""
    try:
        own = _resident_kb(pid) / 1024
        children = children_of(pid)
    except OSError:
        return 0.0
    return own + sum(family_mb(child) for child in children if child not in without)


def children_of(pid: int) -> list[int]:
    """The processes it has started; raises OSError when it has ended."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in task.joinpath("children").read_text().split()]


def growth(samples: Mapping[int, float]) -> dict[str, float]:
    """From samples by number of messages: MB after the first thousand and at the end, and how many times as much."""
    early = next(number for number in sorted(samples) if number >= min(FIRST, max(samples)))
    last = max(samples)
    return {
        "messages_early": early,
        "mb_early": round(samples[early], 1),
        "messages_last": last,
        "mb_last": round(samples[last], 1),
        "ratio": round(samples[last] / samples[early], 2),
    }


def _resident_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
