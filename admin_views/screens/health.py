"""What lives."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    return {}


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    return ""
