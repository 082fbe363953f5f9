"""`/healthz` says what lives, `/metrics` how much there is of it.

Public: machines ask. Both say numbers and states only; the figures are for the addresses of `METRICS_FROM`.
"""

import ipaddress
import time

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST

from admin_views.identity import settings
from admin_views.metrics import prometheus_text
from errors import NotFound
from jobs.queue import bell
from models.base import db
from services.system.health import CommitTime, Health, check_health
from services.system.latency import LatencyBook

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    health = _health()
    return jsonify(health.as_json()), 200 if health.ok else 503


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    if not _may_read_metrics():
        raise NotFound("")
    _book().flush(bell(), now=True)
    return Response(prometheus_text(_health(), bell()), content_type=CONTENT_TYPE_LATEST)


def init_app(app: Flask) -> None:
    """Measure every request of this application."""
    app.extensions["latency"] = LatencyBook()
    app.extensions["commit_time"] = CommitTime()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def measure(response: Response) -> Response:
        if "began" in g:
            seconds = time.perf_counter() - g.began
            _book().note(request.endpoint or "nothing", response.status_code, seconds)
            _book().flush(bell())
        return response


def _health() -> Health:
    commit_time: CommitTime = current_app.extensions["commit_time"]
    return check_health(db.engine, bell(), commit_time, ready_workers=settings().ready_workers)


def _book() -> LatencyBook:
    book: LatencyBook = current_app.extensions["latency"]
    return book


def _may_read_metrics() -> bool:
    """Asked through a proxy everybody comes from the proxy's address, so a forwarded request is refused."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        asks = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return False
    networks = [one.strip() for one in settings().metrics_from.split(",") if one.strip()]
    return any(asks in ipaddress.ip_network(network, strict=False) for network in networks)
