"""A test e-mail: what one recipient gets, to an address of one's own (S1-15).

`m` in the address is the message of the gallery that is the sample, and where one comes back to.
"""

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
from admin_views.screens.mailing_gallery_place import GalleryPlace
from errors import Conflict, Forbidden, Invalid
from jobs.mailings import deliver_due
from models.base import db
from models.mailings.mailing import Mailing
from services.mailings.gallery import delivery_at
from services.mailings.gallery_marks import Mark
from services.mailings.progress import extent_of
from services.mailings.recipients import samples_of
from services.mailings.trial_copy import sample_known_as, write_copy

REFUSED = 422


class TestForm(FlaskForm):
    """Where to, and as whom."""

    __test__ = False  # its name is no test's name

    address = StringField(
        _l("E-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "email"},
    )
    sample = SelectField(_l("As received by"), [Optional()], coerce=str)


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
    try:
        sample = sample_known_as(mailing, form.sample.data)
        write_copy(mailing, sample, form.address.data.strip())
    except (Invalid, Conflict, Forbidden) as problem:
        db.session.rollback()
        form.address.errors = [*form.address.errors, problem.message]
        return _page(mailing, form), problem.status
    db.session.commit()
    deliver_due.enqueue()
    flash(_("The test e-mail is on its way to %(address)s.", address=form.address.data))
    return redirect(_back(mailing))


def _form(mailing: Mailing) -> TestForm:
    """The shown message is the first choice; else any customer's first message."""
    form = TestForm()
    choices = [(str(key), f"{name} ({address})") for key, name, address in samples_of(mailing)]
    mark = _shown()
    shown = delivery_at(mailing, mark) if mark else None
    if shown is not None:
        name = shown.customer.name if shown.customer else shown.subject
        choices.insert(0, (str(mark), f"{name} ({shown.recipient})"))
    form.sample.choices = choices
    return form


def _shown() -> Mark | None:
    return Mark.read(request.args.get("m"))


def _back(mailing: Mailing) -> str:
    mark = _shown()
    return GalleryPlace(mailing, shown=mark).url() if mark else console_url(mailing)


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
        action_url=url_for("mailing_console.test", public_id=mailing.public_id, m=_shown()),
        return_url=_back(mailing),
    )
