"""One's own account in the portal: password, browsers, language (P-21)."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from errors import Invalid, NotFound
from extensions import limiter
from jobs.portal import answer_portal_requests
from models.base import db
from models.portal.portal_request import PortalRequestKind
from portal.door_page import ASKED_PER_NAME
from portal.guard import at_no_customer, cookie_name, current_visitor, portal_blueprint
from portal.limits import per_visitor
from portal.own_password import PER_PERSON, current_user, knows_password
from portal.security_page import ChangePasswordForm, security_page
from services.portal.portal_passwords import change_password
from services.portal.portal_requests import note_request
from services.portal.portal_sessions import end_session_of, end_sessions_of

blueprint = portal_blueprint("security", __name__)


@blueprint.get("/security")
@at_no_customer
def security() -> ResponseReturnValue:
    return security_page()


@blueprint.post("/security/password")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def password() -> ResponseReturnValue:
    """Another password; all other browsers are signed out."""
    form = ChangePasswordForm()
    if not form.validate_on_submit() or not knows_password(form):
        return security_page(password=form)
    try:
        keep = current_visitor().session_id
        ended = change_password(current_user(), form.password.data, keep=keep)
    except Invalid as problem:
        db.session.rollback()
        form.password.errors = [problem.message]
        return security_page(password=form)
    db.session.commit()
    flash(
        ngettext(
            "The password was changed. One other session was ended.",
            "The password was changed. %(num)d other sessions were ended.",
            ended,
        )
        if ended
        else _("The password was changed.")
    )
    return redirect(url_for("portal-security.security"))


@blueprint.post("/security/password/link")
@limiter.limit(ASKED_PER_NAME, key_func=per_visitor)
@at_no_customer
def password_link() -> ResponseReturnValue:
    """Who signs in by links only, or has forgotten the password, gets a link to set one."""
    note_request(PortalRequestKind.PASSWORD_RESET, current_user().login)
    db.session.commit()
    answer_portal_requests.enqueue()
    flash(_("A link to choose a password is on its way to your e-mail."))
    return redirect(url_for("portal-security.security"))


@blueprint.post("/security/sessions/<int:session_id>/end")
@at_no_customer
def end(session_id: int) -> ResponseReturnValue:
    if not end_session_of(current_user().id, session_id):
        raise NotFound(_("This session has ended already."))
    db.session.commit()
    if session_id == current_visitor().session_id:
        return _out()
    flash(_("The session was ended."))
    return redirect(url_for("portal-security.security"))


@blueprint.post("/security/sessions/end-all")
@at_no_customer
def end_all() -> ResponseReturnValue:
    end_sessions_of(current_user().id)
    db.session.commit()
    flash(_("You have signed out everywhere."))
    return _out()


def _out() -> ResponseReturnValue:
    response = redirect(url_for("portal-door.sign_in"))
    response.delete_cookie(cookie_name(), path="/")
    return response
