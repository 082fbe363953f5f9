"""What a worker process does (`flask worker`), and whether one is there."""

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from jobs.queue import QUEUES, bell

PR_SET_PDEATHSIG = 1
HEARTBEAT_AGE = timedelta(seconds=60)
logger = logging.getLogger(__name__)


class LoyalWorker(Worker):
    """The forked child dies with its worker, so that nothing runs twice unseen after a `kill -9`.

    A worker that is asked to end asks its child, too: a job that sends mail ends with the message on the wire. And
    as a worker takes its child with it, it does not give up while a job is in hand.

    What was assembled before the fork stays as long as the job: looking through it for garbage takes a quarter of a
    second each time, and unshares its memory.
    """

    def main_work_horse(self, *args: Any, **kwargs: Any) -> None:
        gc.freeze()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        super().main_work_horse(*args, **kwargs)

    def setup_work_horse_signals(self) -> None:
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]  # rq
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # jobs that can end early listen to it

    def maintain_heartbeats(self, *args: Any, **kwargs: Any) -> None:
        """Without Valkey nobody hears the heart beat; the job goes on, else what it has on the wire is in doubt."""
        try:
            super().maintain_heartbeats(*args, **kwargs)
        except RedisError as problem:
            logger.warning("a job goes on without Valkey: %s", type(problem).__name__)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # rq
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)


def work(redis_url: str, queues: list[str]) -> None:
    """Take jobs until told to stop; the first signal waits for the job in hand."""
    connection = Redis.from_url(redis_url)
    worker = LoyalWorker(
        [
            Queue(name, connection=connection, serializer=JSONSerializer)
            for name in queues or QUEUES
        ],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=5,
        maintenance_interval=10,
        default_result_ttl=60,
    )
    worker.work(logging_level="WARNING", with_scheduler=False)


def somebody_works(queue_name: str) -> bool:
    """Whether a living worker listens to the queue; False if Valkey is away."""
    try:
        workers = Worker.all(connection=bell(), serializer=JSONSerializer)
    except RedisError:
        return False
    return any(queue_name in worker.queue_names() and _lives(worker) for worker in workers)


def _lives(worker: Any) -> bool:
    """What a killed worker has written of itself stays for a while: on this machine we can tell."""
    if worker.last_heartbeat is None:
        return False
    if worker.hostname != socket.gethostname():
        beat = worker.last_heartbeat.replace(tzinfo=worker.last_heartbeat.tzinfo or UTC)
        return bool(datetime.now(UTC) - beat < HEARTBEAT_AGE)
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as somebody else
    return True
