"""The first page of the portal."""

from flask import render_template

from portal.frame import page
from portal.guard import current_customer, portal_blueprint

blueprint = portal_blueprint("home", __name__)


@blueprint.get("/")
def home() -> str:
    return render_template("portal/home.html", page=page("home"), customer=current_customer())
