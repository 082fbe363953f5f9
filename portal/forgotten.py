"""A forgotten user name (S0-24) or password (S0-27): the same answer for every address."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import Invalid, NotFound
from extensions import limiter
from jobs.portal import answer_portal_requests
from models.base import db
from models.portal.portal_request import PortalRequestKind
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_user import PortalUser
from portal.door_forms import ForgottenNameForm, ForgottenPasswordForm, NewPasswordForm
from portal.door_page import ASKED_PER_NAME, PER_IP, REFUSED, per_written, sign_in_page
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.magic_links import gone
from services.portal.portal_keys import key_with_token
from services.portal.portal_passwords import reset_password
from services.portal.portal_requests import note_request

blueprint = portal_blueprint("forgotten", __name__)
blueprint.register_error_handler(NotFound, gone)


@blueprint.post("/forgotten/user-name")
@limiter.limit(PER_IP)
@limiter.limit(ASKED_PER_NAME, key_func=per_written("address", "names"))
@open_to_everybody
def user_name() -> ResponseReturnValue:
    form = ForgottenNameForm()
    if not form.validate_on_submit():
        return sign_in_page("names", form)
    return _asked(PortalRequestKind.USER_NAMES, form.address.data)


@blueprint.post("/forgotten/password")
@limiter.limit(PER_IP)
@limiter.limit(ASKED_PER_NAME, key_func=per_written("account", "forgotten"))
@open_to_everybody
def password() -> ResponseReturnValue:
    form = ForgottenPasswordForm()
    if not form.validate_on_submit():
        return sign_in_page("forgotten", form)
    return _asked(PortalRequestKind.PASSWORD_RESET, form.account.data)


@blueprint.route("/password/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
@open_to_everybody
def reset(token: str) -> ResponseReturnValue:
    """Choose another password; all sessions end, and one signs in with the new one."""
    user, form = (
        key_with_token(token, PortalTokenKind.PASSWORD_RESET).portal_user,
        NewPasswordForm(),
    )
    if not form.validate_on_submit():
        return _reset_page(user, form)
    try:
        reset_password(token, form.password.data)
    except Invalid as problem:
        db.session.rollback()
        form.password.errors = [problem.message]
        return _reset_page(key_with_token(token, PortalTokenKind.PASSWORD_RESET).portal_user, form)
    db.session.commit()
    flash(_("The password was set. Sign in with it."))
    return redirect(url_for("portal-door.sign_in", way="password"))


def _asked(kind: PortalRequestKind, written: str) -> ResponseReturnValue:
    note_request(kind, written)
    db.session.commit()
    answer_portal_requests.enqueue()
    return render_template(
        "portal/door/asked.html", portal=current_portal(), kind=kind.value, written=written
    )


def _reset_page(user: PortalUser, form: NewPasswordForm) -> ResponseReturnValue:
    page = render_template(
        "portal/door/new_password.html", portal=current_portal(), user=user, form=form
    )
    return page, REFUSED if form.errors else 200
