"""Jobs: plain functions that a worker can run later. The queue is only a bell; the truth is in the database."""

import functools
import logging
from collections.abc import Callable
from typing import Generic, ParamSpec, TypeVar

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from settings import VALKEY_PATIENCE_SECONDS

P = ParamSpec("P")
R = TypeVar("R")
logger = logging.getLogger(__name__)

# In the order in which a worker looks: what waits for servers of others comes last.
QUEUES = ("mailings", "imports", "bulk", "checks", "system", "mailbox")


class Job(Generic[P, R]):
    """Call it and it runs now; `.enqueue()` it and a worker runs it. Arguments are ids and plain values."""

    def __init__(self, function: Callable[P, R], *, queue: str, timeout_seconds: int) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self.queue = queue
        self.timeout_seconds = timeout_seconds

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    def enqueue(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Ring the bell; False if Valkey is away (the clock will ring again for whatever is due)."""
        try:
            queue_named(self.queue).enqueue_call(
                f"{self.function.__module__}.{self.function.__qualname__}.run",
                args=args,
                kwargs=kwargs,
                timeout=self.timeout_seconds,
                result_ttl=60,
                failure_ttl=7 * 24 * 3600,
            )
        except RedisError as problem:
            logger.warning(
                "could not ring for %s: %s", self.function.__qualname__, type(problem).__name__
            )
            return False
        return True

    def run(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """What a worker calls."""
        self.function(*args, **kwargs)


def job(*, queue: str, timeout_seconds: int = 3600) -> Callable[[Callable[P, R]], Job[P, R]]:
    """Make a function a job of one of `QUEUES`."""
    return lambda function: Job(function, queue=queue, timeout_seconds=timeout_seconds)


def init_app(app: Flask, redis_url: str) -> None:
    """Tell the application where its queue is.

    Tried once and not for long: whoever rings has written rows, which the clock rings for again.
    """
    app.extensions["bell"] = Redis.from_url(
        redis_url,
        socket_connect_timeout=VALKEY_PATIENCE_SECONDS,
        socket_timeout=VALKEY_PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
    )


def bell() -> "Redis":
    """The connection to Valkey of this application."""
    connection: Redis = current_app.extensions["bell"]
    return connection


def queue_named(name: str) -> Queue:
    return Queue(name, connection=bell(), serializer=JSONSerializer)
