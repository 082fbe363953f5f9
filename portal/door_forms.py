"""What is asked at the portal's door."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

LONGEST_NAME = 254
FILL_IN = _l("Fill this in.")


class LinkForm(FlaskForm):
    """Who wants a link that signs in."""

    email = StringField(
        _l("Your e-mail"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        description=_l("We send you a link; you need no password."),
        render_kw={"type": "email"},
    )


class PasswordSignInForm(FlaskForm):
    """Name and password."""

    login = StringField(
        _l("User name or e-mail"), [DataRequired(FILL_IN), Length(max=LONGEST_NAME)]
    )
    password = PasswordField(_l("Password"), [DataRequired(FILL_IN), Length(max=1024)])


class ForgottenNameForm(FlaskForm):
    """Whose names are wanted."""

    address = StringField(
        _l("The e-mail that you registered with"),
        [DataRequired(FILL_IN), Length(max=LONGEST_NAME)],
        render_kw={"type": "email"},
    )


class ForgottenPasswordForm(FlaskForm):
    """Who wants a new password."""

    account = StringField(
        _l("User name or e-mail"), [DataRequired(FILL_IN), Length(max=LONGEST_NAME)]
    )


class NewPasswordForm(FlaskForm):
    """The new password."""

    password = PasswordField(
        _l("New password"),
        [DataRequired(FILL_IN), Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )


class CodeForm(FlaskForm):
    """A code of the app, or a recovery code."""

    code = StringField(_l("Code"), [DataRequired(FILL_IN), Length(max=40)])


class SpokenCodeForm(FlaskForm):
    """A code that staff have read out."""

    login = StringField(
        _l("User name or e-mail"), [DataRequired(FILL_IN), Length(max=LONGEST_NAME)]
    )
    code = StringField(_l("Code"), [DataRequired(FILL_IN), Length(max=20)])
