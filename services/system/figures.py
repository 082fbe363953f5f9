"""The figures of the whole installation, for monitoring: numbers only, of all organizations together."""

from dataclasses import dataclass, field

from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import DeliveryState
from models.mailings.mailing import Mailing
from models.tenancy import across_organizations


@dataclass(frozen=True)
class QueueFigures:
    """Jobs that wait, and jobs that failed in the last week."""

    waiting: int
    failed: int


@dataclass(frozen=True)
class StoredFigures:
    """How many records stand in which state."""

    mailings: dict[str, int] = field(default_factory=dict)
    deliveries: dict[str, int] = field(default_factory=dict)


def stored_figures() -> StoredFigures:
    """Counted in the database."""
    with across_organizations():
        mailings = db.session.execute(
            select(Mailing.state, func.count()).group_by(Mailing.state)
        ).all()
        deliveries = db.session.execute(
            select(DeliveryState.state, func.count()).group_by(DeliveryState.state)
        ).all()
    return StoredFigures(
        {state.value: count for state, count in mailings},
        {state.value: count for state, count in deliveries},
    )


def queue_figures(valkey: "Redis", names: tuple[str, ...]) -> dict[str, QueueFigures]:
    """Raises RedisError when Valkey is away."""
    found = {}
    for name in names:
        queue = Queue(name, connection=valkey, serializer=JSONSerializer)
        failed = FailedJobRegistry(queue=queue, serializer=JSONSerializer)
        found[name] = QueueFigures(queue.count, failed.count)
    return found
