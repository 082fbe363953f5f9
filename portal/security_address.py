"""Another address for one's own account: the password here, a button behind a link there (X0-07)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import Invalid, NotFound
from extensions import limiter
from jobs.mailings import deliver_due
from models.base import db
from models.portal.portal_session import PortalTokenKind
from portal.guard import at_no_customer, current_portal, open_to_everybody, portal_blueprint
from portal.limits import per_visitor
from portal.magic_links import gone
from portal.own_password import PER_PERSON, current_user, knows_password
from portal.security_page import AddressForm, security_page
from services.portal.address_change import ask_for_change, confirm_change
from services.portal.portal_keys import key_with_token

blueprint = portal_blueprint("security_address", __name__)
blueprint.register_error_handler(NotFound, gone)


@blueprint.post("/security/address")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def ask() -> ResponseReturnValue:
    form = AddressForm()
    if not form.validate_on_submit() or not knows_password(form):
        return security_page(address=form)
    try:
        ask_for_change(current_user(), form.address.data)
    except Invalid as problem:
        db.session.rollback()
        form.address.errors = [problem.message]
        return security_page(address=form)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("A link is on its way to %(address)s.", address=form.address.data))
    return redirect(url_for("portal-security.security"))


@blueprint.get("/security/address/<token>")
@limiter.limit("60 per minute")
@open_to_everybody
def link(token: str) -> ResponseReturnValue:
    """A button: programs that open links in mails confirm nothing."""
    key = key_with_token(token, PortalTokenKind.EMAIL_CHANGE)
    return render_template("portal/security/address.html", portal=current_portal(), key=key)


@blueprint.post("/security/address/<token>")
@limiter.limit("30 per minute")
@open_to_everybody
def confirm(token: str) -> ResponseReturnValue:
    confirm_change(token)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("Your account goes by the new address now."))
    return redirect(url_for("portal-door.sign_in"))
