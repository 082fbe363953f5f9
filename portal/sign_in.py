"""Sign in to the portal with a password and, for those who have it, a second step."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from extensions import limiter
from models.base import db
from portal.door_forms import CodeForm, PasswordSignInForm
from portal.door_page import PER_IP, PER_NAME, REFUSED, per_written, sign_in_page, was_refused
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.identity import enter_as, let_in, user_of_first_step
from services.people.credentials import second_step_fits
from services.portal.portal_credentials import is_staff, portal_user_with_password

blueprint = portal_blueprint("sign_in", __name__)


@blueprint.post("/sign-in")
@limiter.limit(PER_IP, deduct_when=was_refused)
@limiter.limit(PER_NAME, key_func=per_written("login", "name"), deduct_when=was_refused)
@open_to_everybody
def password() -> ResponseReturnValue:
    form = PasswordSignInForm()
    if not form.validate_on_submit():
        return sign_in_page("password", form)
    user = portal_user_with_password(form.login.data, form.password.data)
    staff_here = user is None and is_staff(form.login.data, form.password.data)
    form.password.data = None
    if user is None:
        db.session.commit()  # the failure counts
        refusal = _("Name and password do not fit, or there were too many tries.")
        return sign_in_page("password", form, refusal, is_staff=staff_here)
    answer = let_in(user, is_confirmed=True)
    return answer or sign_in_page("password", form, _("Please try again in a few minutes."))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"], deduct_when=was_refused)
@open_to_everybody
def second_step() -> ResponseReturnValue:
    found, form = user_of_first_step(), CodeForm()
    if found is None:
        flash(_("That took too long. Please begin again."), "bad")
        return redirect(url_for("portal-door.sign_in"))
    user, place, first = found
    if not form.validate_on_submit():
        return _code_page(form)
    if not second_step_fits(user, form.code.data):
        db.session.commit()  # the failure counts
        refusal = _("The code does not fit, was used before, or there were too many tries.")
        return _code_page(form, refusal)
    answer = enter_as(
        user, is_confirmed=bool(first["is_confirmed"]), at=place, wanted=str(first["next"])
    )
    return answer or _code_page(form, _("Please try again in a few minutes."))


def _code_page(form: CodeForm, error: str | None = None) -> ResponseReturnValue:
    form.code.data = ""
    page = render_template(
        "portal/door/code.html", portal=current_portal(), form=form, form_error=error
    )
    return page, REFUSED if error or form.errors else 200
