"""When a registered mailing begins by itself: set, changed or given up until it does (S1-06)."""

import uuid
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, TimeField
from wtforms.validators import InputRequired

from admin_views.reader_formats import moment, zone
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_proposal import offer_zones
from errors import Conflict, Forbidden, Invalid
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings import flow
from services.mailings.moments import check_future, local_moment, zone_called

REFUSED = 422


class ScheduleForm(FlaskForm):
    """Day, time and the clock that they are read from."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day."))])
    time = TimeField(_l("Time"), [InputRequired(_l("Choose a time."))])
    zone = SelectField(_l("Time zone"))


@blueprint.get("/<uuid:public_id>/schedule")
def schedule(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "start")
    form = _form(mailing)
    if mailing.scheduled_at is not None:
        local = mailing.scheduled_at.astimezone(zone_called(form.zone.data))
        form.day.data, form.time.data = local.date(), local.time()
    return _page(mailing, form)


@blueprint.post("/<uuid:public_id>/schedule")
def really_schedule(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "start")
    form = _form(mailing)
    if not form.validate():
        return _page(mailing, form), REFUSED
    try:
        found = local_moment(form.day.data, form.time.data, form.zone.data)
        check_future(found.at, datetime.now(UTC))
        flow.schedule(mailing.id, found.at, zone=form.zone.data)
    except Invalid as problem:
        field = form[problem.field or "time"]
        field.errors = [*field.errors, problem.message]
        return _page(mailing, form), problem.status
    except Forbidden as problem:
        form.day.errors = [*form.day.errors, problem.message]
        return _page(mailing, form), problem.status
    except Conflict as problem:
        return _too_late(mailing, problem)
    db.session.commit()
    said = _("It starts automatically: %(time)s.", time=moment(found.at))
    if found.comes_twice:
        said += " " + _("The clocks go back then; it starts the first time.")
    flash(said)
    return redirect(console_url(mailing))


@blueprint.post("/<uuid:public_id>/unschedule")
def unschedule(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "start")
    try:
        flow.unschedule(mailing.id)
    except Conflict as problem:
        return _too_late(mailing, problem)
    db.session.commit()
    flash(_("It no longer starts automatically: start it when you are ready."))
    return redirect(console_url(mailing))


def _form(mailing: Mailing) -> ScheduleForm:
    form = ScheduleForm()
    offer_zones(form.zone, mailing.scheduled_zone or zone().key)
    return form


def _page(mailing: Mailing, form: ScheduleForm) -> str:
    is_scheduled = mailing.state is MailingState.SCHEDULED
    page = _("Reschedule") if is_scheduled else _("Schedule")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (page, None))
    return render_template(
        "admin/mailings/schedule.html",
        dialog=request.headers.get("HX-Request") == "true",
        title=_("When should mailing no. %(number)s start?", number=mailing.number),
        form=form,
        action_url=url_for("mailing_console.schedule", public_id=mailing.public_id),
        give_up_url=url_for("mailing_console.unschedule", public_id=mailing.public_id)
        if is_scheduled
        else None,
        return_url=console_url(mailing),
    )


def _too_late(mailing: Mailing, problem: Conflict) -> ResponseReturnValue:
    db.session.rollback()
    flash(problem.message)
    return redirect(console_url(mailing))
