"""Sign in with a code that staff have read out, for somebody whose mail does not arrive (pains A3)."""

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from extensions import limiter
from models.base import db
from portal.door_forms import SpokenCodeForm
from portal.door_page import PER_IP, PER_NAME, REFUSED, per_written, was_refused
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.identity import let_in
from services.portal.spoken_codes import user_with_spoken_code

blueprint = portal_blueprint("spoken_code", __name__)


@blueprint.route("/sign-in/spoken-code", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"], deduct_when=was_refused)
@limiter.limit(
    PER_NAME, key_func=per_written("login", "spoken"), methods=["POST"], deduct_when=was_refused
)
@open_to_everybody
def spoken_code() -> ResponseReturnValue:
    form = SpokenCodeForm()
    if not form.validate_on_submit():
        return _page(form)
    found = user_with_spoken_code(form.login.data, form.code.data)
    if found is None:
        db.session.commit()  # the failure counts
        refusal = _("The code does not fit, was used before, or there were too many tries.")
        return _page(form, refusal)
    user, membership = found
    answer = let_in(user, is_confirmed=False, at=membership)
    return answer or _page(form, _("Please try again in a few minutes."))


def _page(form: SpokenCodeForm, error: str | None = None) -> ResponseReturnValue:
    form.code.data = ""
    page = render_template(
        "portal/door/spoken_code.html", portal=current_portal(), form=form, form_error=error
    )
    return page, REFUSED if error or form.errors else 200
