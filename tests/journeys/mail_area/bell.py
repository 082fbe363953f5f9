"""The clock of these journeys: it rings again when what it rang for before has been begun."""

from typing import Any

from jobs.queue import QUEUES, Job, queue_named


def ring(job: Job[Any, Any], *args: Any) -> None:
    """Unless something waits for the workers: mailboxes are the last that they look at, and would never be read."""
    if not any(queue_named(name).count for name in QUEUES):
        job.enqueue(*args)
