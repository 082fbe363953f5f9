"""The page behind the one-time link: the first organization and its administrator.

Public: there is no user yet who could sign in. The link's token is the key; looking at the page does not use it.
"""

from typing import Any

from babel.numbers import get_territory_currencies, list_currencies
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, Regexp

from admin_views.identity import begin_session, enter_as_stranger
from errors import AppError, NotFound
from extensions import limiter
from extensions.languages import reader_language
from models.base import db
from services.people.first_admin import FirstSteps, is_good_link, make_first_administrator
from services.people.tax_ids import DROPDOWN

FIELD_OF = {"code": "organization_code"}
blueprint = Blueprint("setup", __name__)


class SetupForm(FlaskForm):
    """The company, and the person who will administer the installation."""

    organization_name = StringField(_l("Company"), [DataRequired(), Length(max=200)])
    organization_code = StringField(
        _l("Short code"),
        [
            DataRequired(),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$", message=_l("Letters, digits, - and _ only.")
            ),
        ],
        description=_l(
            "Letters and digits, such as PENALBA; commands and imports name the company by it."
        ),
    )
    currency = SelectField(_l("Currency"), default="EUR")
    tax_id_type = SelectField(_l("Tax id type"))
    tax_id = StringField(_l("Tax id"), [Optional(), Length(max=40)])
    name = StringField(_l("Your name"), [DataRequired(), Length(max=200)])
    email = StringField(
        _l("Your e-mail"), [DataRequired(), Length(max=254)], render_kw={"type": "email"}
    )
    password = PasswordField(
        _l("Password"),
        [DataRequired(), Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )


@blueprint.route("/setup/<token>", methods=["GET", "POST"])
@limiter.limit("30 per minute")
def setup(token: str) -> ResponseReturnValue:
    if not is_good_link(token):
        raise NotFound(_("This link was used already, or is older than a day."))
    form = SetupForm()
    form.currency.choices = currencies()
    form.tax_id_type.choices = [("", _("None")), *((full, plain) for plain, full in DROPDOWN)]
    if not form.validate_on_submit():
        return _page(form)
    enter_as_stranger()
    try:
        user, organization = make_first_administrator(token, _steps(form))
    except NotFound:
        raise
    except AppError as problem:
        db.session.rollback()
        field = getattr(problem, "field", None) or "organization_code"
        form[FIELD_OF.get(field, field)].errors = [problem.message]
        return _page(form)
    begin_session(user)
    flash(_("%(name)s is ready. Welcome.", name=organization.name))
    return redirect(url_for("home.home"))


def currencies() -> list[tuple[str, str]]:
    """Every currency in use today, by its name in the reader's language."""
    locale = get_locale()
    today: set[str] = set()
    for territory in locale.territories:
        if len(territory) == 2 and territory.isalpha():
            today.update(get_territory_currencies(territory))
    names = [(code, locale.currencies.get(code, code)) for code in today & list_currencies()]
    return [(code, f"{code} · {name}") for code, name in sorted(names)]


def _steps(form: SetupForm) -> FirstSteps:
    fields: dict[str, Any] = {
        name: (form[name].data or "").strip()
        for name in (
            "organization_name",
            "organization_code",
            "currency",
            "tax_id",
            "tax_id_type",
            "name",
            "email",
        )
    }
    for name in ("tax_id", "tax_id_type"):
        fields[name] = fields[name] or None
    return FirstSteps(**fields, password=form.password.data, lang=reader_language())


def _page(form: SetupForm) -> ResponseReturnValue:
    page = render_template(
        "admin/auth/set_up_account.html",
        form=form,
        title=_("Set up Ventanilla"),
        intro=_("Your company first, then you: you will be its administrator."),
        button=_("Begin"),
        box="wide",
    )
    return page, 422 if form.errors else 200
