"""The portal's front door: sign in, choose a customer, leave."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from models.base import db
from portal.guard import (
    at_no_customer,
    cookie_name,
    current_portal,
    current_visitor,
    open_to_everybody,
    portal_blueprint,
)
from services.portal.portal_sessions import end_session

blueprint = portal_blueprint("door", __name__)


@blueprint.get("/sign-in")
@open_to_everybody
def sign_in() -> str:
    return render_template("portal/sign_in.html", portal=current_portal())


@blueprint.get("/customers")
@at_no_customer
def customers() -> str:
    return render_template("portal/customers.html", portal=current_portal())


@blueprint.post("/sign-out")
@at_no_customer
def sign_out() -> ResponseReturnValue:
    end_session(current_visitor().session_id)
    db.session.commit()
    response = redirect(url_for("portal-door.sign_in"))
    response.delete_cookie(cookie_name(), path="/")
    return response
