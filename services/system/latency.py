"""How long requests take, counted over all web processes: each adds its share to Valkey every few seconds."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
KEY = "ventanilla:requests"
FLUSH_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class Histogram:
    """The requests of one endpoint and kind of answer; `counts` has one more entry than `BOUNDS`."""

    endpoint: str
    status: str
    counts: tuple[int, ...]
    seconds: float


class LatencyBook:
    """What this process has counted since it told the others."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._next = 0.0
        self._lock = threading.Lock()

    def note(self, endpoint: str, status: int, seconds: float) -> None:
        """One request more; `endpoint` is a name of ours, never what a stranger wrote."""
        place = sum(seconds > bound for bound in BOUNDS)
        name = f"{endpoint}|{status // 100}xx"
        with self._lock:
            self._counts[f"{name}|{place}"] += 1
            self._counts[f"{name}|us"] += round(seconds * 1_000_000)

    def flush(self, valkey: "Redis", *, now: bool = False) -> None:
        """Add this share to the sum, at most every few seconds; it is kept while Valkey is away."""
        with self._lock:
            if not self._counts or (not now and time.monotonic() < self._next):
                return
            self._next = time.monotonic() + FLUSH_EVERY_SECONDS
            share, self._counts = self._counts, Counter()
        try:
            pipe = valkey.pipeline(transaction=True)
            for name, count in share.items():
                pipe.hincrby(KEY, name, count)
            pipe.execute()
        except RedisError:
            with self._lock:
                self._counts.update(share)


def request_histograms(valkey: "Redis") -> list[Histogram]:
    """The sums of all processes; raises RedisError when Valkey is away."""
    found: dict[tuple[str, str], list[int]] = {}
    sums: dict[tuple[str, str], float] = {}
    kept: Any = valkey.hgetall(KEY)
    for name, count in kept.items():
        endpoint, status, place = name.decode().split("|")
        if place == "us":
            sums[endpoint, status] = int(count) / 1_000_000
        else:
            counts = found.setdefault((endpoint, status), [0] * (len(BOUNDS) + 1))
            counts[int(place)] = int(count)
    return [
        Histogram(endpoint, status, tuple(counts), sums.get((endpoint, status), 0.0))
        for (endpoint, status), counts in sorted(found.items())
    ]
