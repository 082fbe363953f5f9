"""What lives: database, Valkey, migrations, clock, workers, and how fast a commit reaches the disk."""

import statistics
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from models.base import utc_now

CLOCK_KEY = "ventanilla:clock:tick"
CLOCK_IS_LATE = timedelta(seconds=30)
WORKER_IS_LATE = timedelta(seconds=45)  # an idle one tells every 15 seconds that it lives
COMMITS = 5
MEASURE_EVERY_SECONDS = 60.0
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@dataclass(frozen=True)
class Workers:
    """How many workers told lately that they live; unknown when Valkey does not answer."""

    alive: int
    is_known: bool = True


@dataclass(frozen=True)
class Health:
    """Each part with what it says; `ok` when all of them are as they should be."""

    ready_workers: int
    database: str
    migrations: str
    valkey: str
    clock_seconds_ago: float | None
    workers: Workers
    commit_ms: float | None

    @property
    def ok(self) -> bool:
        parts = (self.database, self.migrations, self.valkey, self.clock, self.worker_state)
        return all(part == "ok" for part in parts)

    @property
    def clock(self) -> str:
        ago = self.clock_seconds_ago
        if ago is None:
            return "unknown"
        return "ok" if ago < CLOCK_IS_LATE.total_seconds() else "late"

    @property
    def worker_state(self) -> str:
        if not self.workers.is_known:
            return "unknown"
        return "ok" if self.workers.alive >= self.ready_workers else "too few"

    def as_json(self) -> dict[str, Any]:
        return {
            "status": "ok" if self.ok else "failed",
            "database": self.database,
            "migrations": self.migrations,
            "valkey": self.valkey,
            "clock": {"status": self.clock, "last_tick_seconds_ago": self.clock_seconds_ago},
            "workers": {"status": self.worker_state, "alive": self.workers.alive},
            "commit_ms": self.commit_ms,
        }


@dataclass
class CommitTime:
    """The time of a commit that writes next to nothing: what the disk takes. Measured once a minute at most."""

    milliseconds: float | None = None
    _next: float = field(default=0.0, repr=False)

    def measured(self, engine: Engine) -> float | None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + MEASURE_EVERY_SECONDS
            self.milliseconds = _commit_ms(engine)
        return self.milliseconds


def check_health(
    engine: Engine, valkey: "Redis", commit_time: CommitTime, *, ready_workers: int
) -> Health:
    """Ask every part; none of them can make this raise."""
    try:
        with engine.connect() as connection:
            found = {
                row[0]
                for row in connection.execute(text("SELECT version_num FROM alembic_version"))
            }
        database, migrations = "ok", "ok" if found == newest_migrations() else "behind"
        commit_ms = commit_time.measured(engine)
    except SQLAlchemyError:
        database, migrations, commit_ms = "unreachable", "unknown", None
    try:
        valkey.ping()
        says = "ok"
    except RedisError:
        says = "unreachable"
    return Health(
        ready_workers=ready_workers,
        database=database,
        migrations=migrations,
        valkey=says,
        clock_seconds_ago=clock_seconds_ago(valkey) if says == "ok" else None,
        workers=workers_alive(valkey) if says == "ok" else Workers(0, is_known=False),
        commit_ms=commit_ms,
    )


@cache
def newest_migrations() -> frozenset[str]:
    """The heads of the migrations that this code brings along."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return frozenset(ScriptDirectory.from_config(config).get_heads())


def tell_clock_ticks(valkey: "Redis") -> None:
    """Called by the clock: it lives. Without Valkey nobody could ring anyway."""
    valkey.set(CLOCK_KEY, time.time(), ex=3600)


def clock_seconds_ago(valkey: "Redis") -> float | None:
    """When the clock ticked last; None if nobody knows."""
    try:
        said: Any = valkey.get(CLOCK_KEY)
    except RedisError:
        return None
    return None if said is None else round(max(0.0, time.time() - float(said)), 1)


def workers_alive(valkey: "Redis") -> Workers:
    """The workers that told lately that they live; one that was killed is gone within a minute."""
    try:
        workers = Worker.all(connection=valkey, serializer=JSONSerializer)
    except RedisError:
        return Workers(0, is_known=False)
    oldest = utc_now() - WORKER_IS_LATE
    return Workers(sum(_aware(worker.last_heartbeat) > oldest for worker in workers))


def _aware(moment: datetime | None) -> datetime:
    if moment is None:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _commit_ms(engine: Engine) -> float:
    """The median of some commits; a logical message makes each of them a real one."""
    times = []
    with engine.connect() as connection:
        for _number in range(COMMITS):
            connection.execute(text("SELECT pg_logical_emit_message(true, 'health', '')"))
            began = time.perf_counter()
            connection.commit()
            times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)
