"""A password by a link: forgotten at the door, or the first one of somebody who was invited.

Public: who comes here cannot sign in. The door answers the same whatever address is written; the link's token is
the key, and looking at its page does not use it.
"""

import hashlib

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from admin_views.identity import begin_session, enter_as_stranger
from errors import Invalid
from extensions import limiter
from jobs.people import answer_password_requests
from models.base import db
from models.people.password_link import PasswordLink, PasswordLinkKind
from services.people.password_links import link_with_token, use_link
from services.people.password_requests import note_request

REFUSED = 422
PER_ADDRESS = "3 per 15 minutes"
PER_IP = "10 per minute; 60 per hour"

blueprint = Blueprint("passwords", __name__, url_prefix="/password")


class ForgottenForm(FlaskForm):
    """Whose password it is."""

    email = StringField(
        _l("E-mail"), [DataRequired(), Length(max=254)], render_kw={"type": "email"}
    )


class NewPasswordForm(FlaskForm):
    """The new password."""

    password = PasswordField(
        _l("Password"),
        [DataRequired(), Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )


def _written_address() -> str:
    """The counter's name; a hash, since names of counters are kept and logged."""
    written = request.form.get("email", "").strip().lower()
    return f"forgotten:{hashlib.sha256(written.encode()).hexdigest()[:32]}"


@blueprint.route("/forgot", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"])
@limiter.limit(PER_ADDRESS, key_func=_written_address, methods=["POST"])
def forgot() -> ResponseReturnValue:
    """The address is written down, and a worker looks whether somebody has it."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        page = render_template("admin/auth/forgot.html", form=form, is_done=False)
        return page, REFUSED if form.errors else 200
    enter_as_stranger()
    note_request(form.email.data)
    db.session.commit()
    answer_password_requests.enqueue()
    return render_template("admin/auth/forgot.html", form=form, is_done=True)


@blueprint.route("/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def link(token: str) -> ResponseReturnValue:
    """Choose a password; who was invited is inside at once, all others sign in with it."""
    found, form = link_with_token(token), NewPasswordForm()
    if not form.validate_on_submit():
        return _page(found, form)
    enter_as_stranger()
    try:
        user, kind = use_link(token, form.password.data)
    except Invalid as problem:
        db.session.rollback()
        form.password.errors = [problem.message]
        return _page(link_with_token(token), form)
    db.session.commit()
    if kind is PasswordLinkKind.INVITATION and not user.needs_totp and begin_session(user):
        flash(_("Welcome, %(name)s.", name=user.name))
        return redirect(url_for("home.home"))
    flash(_("The password was set. Sign in with it."))
    return redirect(url_for("sign_in.sign_in"))


def _page(found: PasswordLink, form: NewPasswordForm) -> ResponseReturnValue:
    is_invited = found.kind is PasswordLinkKind.INVITATION
    page = render_template(
        "admin/auth/set_up_account.html",
        form=form,
        username=found.user.email,
        title=_("Welcome, %(name)s", name=found.user.name)
        if is_invited
        else _("Choose a new password"),
        intro=_("Choose a password. You sign in as %(email)s.", email=found.user.email),
        button=_("Begin") if is_invited else _("Set the password"),
    )
    return page, REFUSED if form.errors else 200
