"""My account: placeholder of the slice."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

blueprint = Blueprint("account", __name__)


@blueprint.get("/account")
def account() -> ResponseReturnValue:
    return ""
