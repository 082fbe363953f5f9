"""What a worker process does (`flask worker`)."""

import ctypes
import signal
import sys
from typing import Any

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from jobs.queue import QUEUES

PR_SET_PDEATHSIG = 1


class LoyalWorker(Worker):  # type: ignore[misc]  # rq has no types
    """The forked child dies with its worker, so that nothing runs twice unseen after a `kill -9`."""

    def main_work_horse(self, *args: Any, **kwargs: Any) -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        super().main_work_horse(*args, **kwargs)


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
