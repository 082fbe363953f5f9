"""The second step of one's own account (P-21): switched on after the password, which a link does not show."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import DataRequired, Length

from errors import AppError, Forbidden
from extensions import limiter
from models.base import db
from portal.door_forms import FILL_IN
from portal.door_page import REFUSED
from portal.guard import at_no_customer, current_portal, portal_blueprint
from portal.limits import per_visitor
from portal.own_password import PER_PERSON, WithPassword, current_user, knows_password
from services.people.recovery_codes import new_recovery_codes
from services.people.totp import offer_secret, qr_code, secret_of_offer, switch_off, switch_on

blueprint = portal_blueprint("security_second_step", __name__)


class SecondStepForm(FlaskForm):
    """The first code of a new app; `offer` is the sealed secret, which only who knew the password has."""

    offer = HiddenField()
    code = StringField(_l("Code"), [DataRequired(FILL_IN), Length(max=10)])


@blueprint.post("/security/second-step/begin")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def begin() -> ResponseReturnValue:
    _require_password()
    user, form = current_user(), SecondStepForm(formdata=None)
    if user.needs_totp:
        return redirect(url_for("portal-security.security"))
    form.offer.data = offer_secret(user)
    return _page(form, secret=secret_of_offer(user, form.offer.data))


@blueprint.post("/security/second-step")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def switch() -> ResponseReturnValue:
    user, form = current_user(), SecondStepForm()
    secret = secret_of_offer(user, form.offer.data or "")
    codes: list[str] = []
    if form.validate_on_submit() and not user.needs_totp:
        try:
            codes = switch_on(user, secret, "".join(form.code.data.split()))
            db.session.commit()
        except AppError as problem:
            db.session.rollback()
            form.code.errors = [problem.message]
    return _page(form, secret=secret, codes=codes)


@blueprint.post("/security/second-step/off")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def off() -> ResponseReturnValue:
    _require_password()
    switch_off(current_user())
    db.session.commit()
    flash(_("You sign in with the password only now."))
    return redirect(url_for("portal-security.security"))


@blueprint.post("/security/second-step/codes")
@limiter.limit(PER_PERSON, key_func=per_visitor)
@at_no_customer
def codes() -> ResponseReturnValue:
    _require_password()
    found = new_recovery_codes(current_user()) if current_user().needs_totp else []
    db.session.commit()
    return _page(None, codes=found)


def _require_password() -> None:
    form = WithPassword()
    if not form.validate_on_submit() or not knows_password(form):
        raise Forbidden(_("This is not your current password. Nothing was changed."))


def _page(
    form: SecondStepForm | None, *, secret: str = "", codes: list[str] | None = None
) -> ResponseReturnValue:
    user = current_user()
    page = render_template(
        "portal/security/second_step.html",
        portal=current_portal(),
        form=form,
        recovery_codes=codes or [],
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr_code(user, secret, current_portal().settings.title) if secret else "",
    )
    return page, REFUSED if form and form.errors else 200
