"""A test e-mail: what one recipient gets, to an address of one's own (S1-15).

`m` in the address is the message of the gallery that is the sample, and where one comes back to.
"""

import uuid
from contextlib import suppress

from flask import flash, jsonify, redirect, render_template, request, url_for
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
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from services.mailings.gallery import delivery_at
from services.mailings.gallery_marks import Mark
from services.mailings.recipients import samples_of
from services.mailings.trial_copy import sample_known_as, write_copy

REFUSED = 422
MOST_FOUND = 20


class TestForm(FlaskForm):
    """Where to, and as whom."""

    __test__ = False  # its name is no test's name

    address = StringField(
        _l("E-mail address"),
        [InputRequired(), Length(max=254)],
        render_kw={"type": "email", "autocomplete": "email"},
    )
    # Searched for among all customers of the mailing: what was chosen need not be one of the choices.
    sample = SelectField(_l("As received by"), [Optional()], coerce=str, validate_choice=False)


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
        field = form[getattr(problem, "field", None) or "address"]
        field.errors = [*field.errors, problem.message]
        return _page(mailing, form), problem.status
    db.session.commit()
    deliver_due.enqueue()
    flash(_("The test e-mail is on its way to %(address)s.", address=form.address.data))
    return redirect(_back(mailing))


@blueprint.get("/<uuid:public_id>/test/samples")
def samples(public_id: uuid.UUID) -> ResponseReturnValue:
    """Customers of the mailing by name, number or address, for the look-up."""
    mailing = the_mailing(public_id, "test")
    typed = request.args.get("query", "").strip()[:100]
    return jsonify([[key, words] for key, words in _choices(mailing, typed, most=MOST_FOUND)])


def _form(mailing: Mailing) -> TestForm:
    """The shown message is the first choice; else any customer's first message."""
    form = TestForm()
    form.sample.choices = _choices(mailing)
    chosen = form.sample.data or ""
    if chosen and chosen not in dict(form.sample.choices):
        with suppress(Invalid):
            form.sample.choices.insert(0, _choice(chosen, sample_known_as(mailing, chosen)))
    mark = _shown()
    shown = delivery_at(mailing, mark) if mark else None
    if shown is not None and str(mark) != chosen:
        form.sample.choices.insert(0, _choice(str(mark), shown))
    return form


def _choices(mailing: Mailing, typed: str = "", **limits: int) -> list[tuple[str, str]]:
    found = samples_of(mailing, typed, **limits)
    return [(str(key), f"{name} ({address})") for key, name, address in found]


def _choice(key: str, delivery: Delivery) -> tuple[str, str]:
    name = delivery.customer.name if delivery.customer else delivery.subject
    return key, f"{name} ({delivery.recipient})"


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
        samples_url=url_for("mailing_console.samples", public_id=mailing.public_id),
        action_url=url_for("mailing_console.test", public_id=mailing.public_id, m=_shown()),
        return_url=_back(mailing),
    )
