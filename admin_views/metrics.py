"""The figures of `/metrics`, in the words of Prometheus."""

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from jobs.queue import QUEUES
from models.base import db
from services.system.figures import queue_figures, stored_figures
from services.system.health import Health
from services.system.latency import BOUNDS, request_histograms


class Figures:
    """Collected anew for every answer; what cannot be asked is left out, and `up` says so."""

    def __init__(self, health: Health, valkey: "Redis") -> None:
        self._health = health
        self._valkey = valkey

    def collect(self) -> Iterator[Metric]:
        yield from self._health_figures()
        try:
            yield from _stored()
        except SQLAlchemyError:
            db.session.rollback()
        try:
            yield from _queues(self._valkey)
            yield _requests(self._valkey)
        except RedisError:
            return

    def _health_figures(self) -> Iterator[Metric]:
        health = self._health
        up = GaugeMetricFamily(
            "ventanilla_up", "1 if this part is as it should be.", labels=["part"]
        )
        for part, says in (
            ("database", health.database),
            ("migrations", health.migrations),
            ("valkey", health.valkey),
            ("clock", health.clock),
            ("workers", health.worker_state),
        ):
            up.add_metric([part], float(says == "ok"))
        yield up
        yield GaugeMetricFamily(
            "ventanilla_workers", "Workers that told lately that they live.", health.workers.alive
        )
        if health.clock_seconds_ago is not None:
            yield GaugeMetricFamily(
                "ventanilla_clock_last_tick_seconds",
                "Seconds since the clock ticked.",
                health.clock_seconds_ago,
            )
        if health.commit_ms is not None:
            yield GaugeMetricFamily(
                "ventanilla_database_commit_seconds",
                "Median time of a commit that writes next to nothing.",
                health.commit_ms / 1000,
            )


def prometheus_text(health: Health, valkey: "Redis") -> bytes:
    """All figures as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(Figures(health, valkey))
    return generate_latest(registry)


def _stored() -> Iterator[Metric]:
    stored = stored_figures()
    for name, words, counts in (
        ("ventanilla_mailings", "Mailings by state.", stored.mailings),
        ("ventanilla_deliveries", "Deliveries by state.", stored.deliveries),
    ):
        family = GaugeMetricFamily(name, words, labels=["state"])
        for state, count in sorted(counts.items()):
            family.add_metric([state], count)
        yield family


def _queues(valkey: "Redis") -> Iterator[Metric]:
    waiting = GaugeMetricFamily("ventanilla_queue_jobs", "Jobs that wait.", labels=["queue"])
    failed = GaugeMetricFamily(
        "ventanilla_queue_failed_jobs", "Jobs that failed in the last week.", labels=["queue"]
    )
    for name, figures in queue_figures(valkey, QUEUES).items():
        waiting.add_metric([name], figures.waiting)
        failed.add_metric([name], figures.failed)
    yield from (waiting, failed)


def _requests(valkey: "Redis") -> Metric:
    family = HistogramMetricFamily(
        "ventanilla_request_duration_seconds",
        "Time to answer, by endpoint and kind of answer.",
        labels=["endpoint", "status"],
    )
    bounds = [*(str(bound) for bound in BOUNDS), "+Inf"]
    for histogram in request_histograms(valkey):
        buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
        family.add_metric(
            [histogram.endpoint, histogram.status], buckets, sum_value=histogram.seconds
        )
    return family
