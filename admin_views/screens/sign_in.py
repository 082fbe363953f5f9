"""Sign in with a password and, for those who have it, a second step; sign out.

Public: this is the door itself. It answers the same to an unknown address, a wrong password and a locked user.
"""

import hashlib
import time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from admin_views.identity import begin_session, enter_as_stranger, leave_session
from admin_views.next_page import is_inside, safe_next
from extensions import limiter
from models.base import db
from models.people.user import User
from services.people.credentials import second_step_fits, user_with_password
from services.people.first_admin import has_users
from services.people.places import only_company
from services.portal.portal_addresses import only_portal
from services.portal.portal_credentials import portal_where_known

PATIENCE_SECONDS = 300  # between password and second step
REFUSED = 422
PER_ADDRESS = "10 per 15 minutes"
PER_IP = "20 per minute; 200 per hour"

blueprint = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):
    """Address and password."""

    email = StringField(
        _l("E-mail"), [DataRequired(), Length(max=254)], render_kw={"type": "email"}
    )
    password = PasswordField(_l("Password"), [DataRequired(), Length(max=1024)])


class SecondStepForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = StringField(_l("Code"), [DataRequired(), Length(max=40)])


def _written_address() -> str:
    """The counter's name; a hash, since names of counters are kept and logged."""
    written = request.form.get("email", "").strip().lower()
    return f"address:{hashlib.sha256(written.encode()).hexdigest()[:32]}"


def _was_refused(response: Any) -> bool:
    return bool(response.status_code == REFUSED)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"], deduct_when=_was_refused)
@limiter.limit(PER_ADDRESS, key_func=_written_address, methods=["POST"], deduct_when=_was_refused)
def sign_in() -> ResponseReturnValue:
    if request.method != "POST":
        if current_user.is_authenticated:
            return redirect(safe_next())
        return _page(SignInForm(formdata=None))
    enter_as_stranger()
    form = SignInForm()
    user = (
        user_with_password(form.email.data, form.password.data)
        if form.validate_on_submit()
        else None
    )
    if user is None:
        portal = portal_where_known(form.email.data or "", form.password.data or "")
        db.session.commit()  # the failure counts
        refusal = _("Address and password do not fit, or there were too many tries.")
        return _page(form, refusal, portal)
    if user.needs_totp:
        return _ask_for_second_step(user)
    return _enter(user) or _page(form, _("Please try again in a few minutes."))


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"], deduct_when=_was_refused)
def second_step() -> ResponseReturnValue:
    user = _user_of_first_step()
    if user is None:
        flash(_("That took too long. Please begin again."), "bad")
        return redirect(url_for("sign_in.sign_in"))
    form = SecondStepForm()
    if request.method != "POST":
        return _code_page(form)
    enter_as_stranger()
    if form.validate_on_submit() and second_step_fits(user, form.code.data):
        return _enter(user) or _code_page(form, _("Please try again in a few minutes."))
    db.session.commit()  # the failure counts
    return _code_page(
        form, _("The code does not fit, was used before, or there were too many tries.")
    )


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    leave_session()
    flash(_("You have signed out."))
    return redirect(url_for("sign_in.sign_in"))


def _enter(user: User) -> ResponseReturnValue | None:
    """Open the session and go on; None if the user was locked meanwhile."""
    wanted = session.get("second_step", {}).get("next", "")
    return redirect(wanted or safe_next()) if begin_session(user) else None


def _ask_for_second_step(user: User) -> ResponseReturnValue:
    wanted = request.values.get("next", "")
    session["second_step"] = {
        "user": user.id,
        "at": int(time.time()),
        "password": _mark_of_password(user),
        "next": wanted if is_inside(wanted) else "",
    }
    db.session.commit()
    return redirect(url_for("sign_in.second_step"))


def _user_of_first_step() -> User | None:
    """Whose password was right in this browser, some minutes ago at most, and has not changed since."""
    first = session.get("second_step")
    if not first or not 0 <= time.time() - first["at"] <= PATIENCE_SECONDS:
        return None
    user = db.session.get(User, first["user"])
    if user is None or not user.needs_totp or _mark_of_password(user) != first["password"]:
        return None
    return user


def _mark_of_password(user: User) -> str:
    return hashlib.sha256(f"mark:{user.password_hash}".encode()).hexdigest()[:16]


def _page(
    form: SignInForm, error: str | None = None, portal: str | None = None
) -> ResponseReturnValue:
    """The page; `portal` is where somebody who stands at the wrong door gets in."""
    form.password.data = None
    page = render_template(
        "admin/auth/sign_in.html",
        form=form,
        form_error=error,
        organization_name=only_company(),
        is_customer=portal is not None,
        portal_url=_portal_url(portal or only_portal()),
        forgot_url=url_for("passwords.forgot"),
        next=request.values.get("next", "") if is_inside(request.values.get("next", "")) else "",
        is_empty=error is None and not has_users(),
    )
    return page, REFUSED if error else 200


def _portal_url(name: str | None) -> str | None:
    return url_for("portal-door.sign_in", portal_name=name) if name else None


def _code_page(form: SecondStepForm, error: str | None = None) -> ResponseReturnValue:
    form.code.data = ""
    page = render_template(
        "admin/auth/totp.html", form=form, form_error=error, back_url=url_for("sign_in.sign_in")
    )
    return page, REFUSED if error else 200
