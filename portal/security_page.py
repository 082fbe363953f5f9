"""The page of one's own account, with the forms that stand on it."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal.door_forms import FILL_IN, LONGEST_NAME
from portal.door_page import REFUSED
from portal.frame import page
from portal.guard import current_portal, current_visitor
from portal.identity import settings
from portal.own_password import WithPassword, current_user
from services.people.browser_names import browser_name
from services.people.recovery_codes import recovery_codes_left
from services.portal.portal_sessions import sessions_of


class ChangePasswordForm(WithPassword):
    """The current password and the one after it."""

    password = PasswordField(
        _l("New password"),
        [DataRequired(FILL_IN), Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )


class AddressForm(WithPassword):
    """The new address, and the password."""

    current = PasswordField(
        _l("Current password"),
        [DataRequired(FILL_IN), Length(max=1024)],
        id="address-current",  # two forms on a page ask for it
    )
    address = StringField(
        _l("New e-mail"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        description=_l("We send a link to it. Nothing changes before you use it."),
        render_kw={"type": "email"},
    )


def security_page(**written: Any) -> ResponseReturnValue:
    """The page; `written` are the forms that somebody has filled in, with what is wrong in them."""
    user = current_user()
    forms = {"password": ChangePasswordForm(formdata=None), "address": AddressForm(formdata=None)}
    text = render_template(
        "portal/security/security.html",
        page=page("security") if current_visitor().customer_id is not None else None,
        portal=current_portal(),
        user=user,
        confirm=WithPassword(formdata=None),
        forms={**forms, **written},
        codes_left=recovery_codes_left(user) if user.needs_totp else 0,
        here=current_visitor().session_id,
        sessions=[
            (each, browser_name(each.user_agent))
            for each in sessions_of(user.id, idle_minutes=settings().session_idle_minutes)
        ],
    )
    return text, REFUSED if written else 200
