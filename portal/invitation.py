"""An invitation is accepted: how one wants to sign in, and the terms (S0-10, X0-06)."""

from typing import Any

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, Length

from errors import Invalid, NotFound
from extensions import limiter
from models.base import db
from models.portal.portal_text import PortalText, PortalTextKind
from models.portal.portal_user import PortalMembership
from portal.door_forms import FILL_IN, LONGEST_NAME
from portal.door_page import REFUSED
from portal.guard import current_portal, open_to_everybody, portal_blueprint
from portal.identity import let_in
from portal.magic_links import gone
from services.portal.invitations import (
    Acceptance,
    accept_invitation,
    invitation_with_token,
    is_first_time,
)
from services.portal.said_texts import said_text, shown_html

blueprint = portal_blueprint("invitation", __name__)
blueprint.register_error_handler(NotFound, gone)


class InvitationForm(FlaskForm):
    """Nothing for who has a way in already, else a name and how to sign in."""

    login = StringField(
        _l("User name"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        description=_l("Your e-mail, or a name that you choose."),
    )
    way = RadioField(
        _l("How do you want to sign in?"),
        choices=[
            ("password", _l("With a password")),
            ("link", _l("Without one: a link by e-mail each time")),
        ],
        default="password",
    )
    password = PasswordField(
        _l("Password"),
        [Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )
    terms = BooleanField(_l("I accept the terms and conditions"))

    def shaped_for(self, membership: PortalMembership, terms: PortalText | None) -> None:
        """Ask only what this person has to say."""
        if terms is None:
            del self.terms
        if not is_first_time(membership.portal_user):
            for name in ("login", "way", "password"):
                del self[name]
        elif not self.login.data:
            self.login.data = membership.portal_user.login

    def validate(self, extra_validators: Any = None) -> bool:
        fits: bool = super().validate(extra_validators)
        if "terms" in self and not self.terms.data:
            self.terms.errors = [_("Without this you cannot come in.")]
            fits = False
        if "way" in self and self.way.data == "password" and not self.password.data:
            self.password.errors = [FILL_IN]
            fits = False
        return fits


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
@open_to_everybody
def accept(token: str) -> ResponseReturnValue:
    """Looking changes nothing; the button lets in."""
    _key, membership = invitation_with_token(token)
    terms = said_text(
        PortalTextKind.TERMS, membership.customer.customer_group, str(get_locale() or "es")
    )
    form = InvitationForm()
    form.shaped_for(membership, terms)
    if not form.validate_on_submit():
        return _page(membership, terms, form)
    try:
        membership = accept_invitation(token, _choice(form, terms))
    except Invalid as problem:
        db.session.rollback()
        form[problem.field or "password"].errors = [problem.message]
        return _page(invitation_with_token(token)[1], terms, form)
    answer = let_in(membership.portal_user, is_confirmed=_has_chosen_password(form), at=membership)
    if answer is None:
        raise NotFound(_("Please try again in a few minutes."))
    flash(_("Welcome, %(name)s.", name=membership.portal_user.name))
    return answer


def _choice(form: InvitationForm, terms: PortalText | None) -> Acceptance | None:
    if "login" not in form:
        return None
    return Acceptance(
        login=form.login.data,
        password=form.password.data if form.way.data == "password" else None,
        terms_revision=terms.revision if terms else None,
    )


def _has_chosen_password(form: InvitationForm) -> bool:
    return "way" in form and form.way.data == "password"


def _page(
    membership: PortalMembership, terms: PortalText | None, form: InvitationForm
) -> ResponseReturnValue:
    page = render_template(
        "portal/door/invitation.html",
        portal=current_portal(),
        membership=membership,
        terms=terms,
        terms_html=shown_html(terms) if terms else None,
        form=form,
    )
    return page, REFUSED if form.errors else 200
