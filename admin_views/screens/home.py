"""What needs attention today."""

from flask import Blueprint, g, render_template
from flask.typing import ResponseReturnValue

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> ResponseReturnValue:
    g.is_home = True
    return render_template("admin/home/home.html")
