"""What a text has to be like: an e-mail address, a telephone number, an address of the web."""

from typing import Any
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from wtforms.validators import ValidationError

from admin_views.identity import current_staff
from errors import Invalid
from services.people.phones import dialled, region_of


def is_email(form: Any, field: Any) -> None:
    """Refuses what cannot be an e-mail address."""
    if not field.data:
        return
    try:
        validate_email(field.data, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ValidationError(
            _("“%(email)s” is not an e-mail address.", email=field.data)
        ) from None


def is_web_address(form: Any, field: Any) -> None:
    """Refuses links that are not for the web (`javascript:` above all)."""
    if not field.data:
        return
    try:
        parts = urlsplit(field.data)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a host or port that is none
        fits = False
    if not fits or any(sign.isspace() or not sign.isprintable() for sign in field.data):
        raise ValidationError(_("A web address begins with https:// or http://."))


def is_phone(form: Any, field: Any) -> None:
    """Refuses what no telephone could dial; what is stored already may stay."""
    if not field.data or field.data == field.object_data:
        return
    try:
        dialled(field.data, region_of(current_staff().organization))
    except Invalid as problem:
        raise ValidationError(problem.message) from None


def phone_as_dialled(value: str | None) -> str | None:
    """A number in its international form; what is none stays as it was typed, for `is_phone` to refuse."""
    if not value:
        return value
    try:
        return dialled(value, region_of(current_staff().organization))
    except Invalid:
        return value
