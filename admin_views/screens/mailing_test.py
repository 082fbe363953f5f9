"""A test e-mail: what one recipient gets, to an address of one's own (S1-15)."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from admin_views.identity import current_staff
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from errors import Conflict, Invalid
from jobs.mailings import deliver_due, workshop
from models.base import db
from models.mailings.mailing import Mailing
from services.mailings.progress import extent_of
from services.mailings.recipients import samples_of
from services.mailings.trial import write_test

REFUSED = 422


class TestForm(FlaskForm):
    """Where to, and as whom."""

    __test__ = False  # its name is no test's name

    address = StringField(
        _l("E-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "email"},
    )
    sample = SelectField(_l("As it goes to"), [Optional()], coerce=str)


@blueprint.get("/<uuid:public_id>/test")
def test(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "test")
    form = _form(mailing)
    form.address.data = current_staff().user.email
    return _page(mailing, form)


@blueprint.post("/<uuid:public_id>/test")
def really_test(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "test")
    form = _form(mailing)
    if not form.validate():
        return _page(mailing, form), REFUSED
    sample = int(form.sample.data) if form.sample.data else None
    try:
        write_test(mailing, form.address.data.strip(), workshop(), sample=sample)
    except (Invalid, Conflict) as problem:
        db.session.rollback()
        form.address.errors = [*form.address.errors, problem.message]
        return _page(mailing, form), problem.status
    db.session.commit()
    deliver_due.enqueue()
    flash(_("The test e-mail is on its way to %(address)s.", address=form.address.data))
    return redirect(console_url(mailing))


def _form(mailing: Mailing) -> TestForm:
    form = TestForm()
    form.sample.choices = [
        (str(key), f"{name} ({address})") for key, name, address in samples_of(mailing)
    ]
    return form


def _page(mailing: Mailing, form: TestForm) -> str:
    page = _("Send test e-mail")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (page, None))
    return render_template(
        "admin/mailings/test.html",
        dialog=request.headers.get("HX-Request") == "true",
        title=page,
        form=form,
        mailing=mailing,
        extent=extent_of(mailing),
        action_url=url_for("mailing_console.test", public_id=mailing.public_id),
        return_url=console_url(mailing),
    )
