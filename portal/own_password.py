"""The password is asked for again before something that matters: whoever came by a link has not shown it."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired, Length

from errors import NotFound
from models.base import db
from models.portal.portal_user import PortalUser
from portal.door_forms import FILL_IN
from portal.guard import current_visitor
from services.people.credentials import note_failure
from services.people.passwords import password_fits

PER_PERSON = "10 per 15 minutes"


class WithPassword(FlaskForm):
    """A form that wants the current password besides."""

    current = PasswordField(_l("Current password"), [DataRequired(FILL_IN), Length(max=1024)])


def current_user() -> PortalUser:
    """Whose account it is; staff who look have none here."""
    key = current_visitor().portal_user_id
    if key is None:
        raise NotFound(_("This page does not exist."))
    return db.session.get_one(PortalUser, key)


def knows_password(form: WithPassword) -> bool:
    """Whether the password fits; a wrong one counts like a failed sign-in, and is said at its field."""
    user = current_user()
    if not user.is_locked and password_fits(user, form.current.data):
        return True
    note_failure(user)
    db.session.commit()
    form.current.errors = [_("This is not your current password.")]
    return False
