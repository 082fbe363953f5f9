"""Start, stop, go on, cancel: a question where it cannot be undone, and a calm answer to whoever comes second."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import number, zone
from admin_views.screens.mailing_beginning import begin_moment
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_forecast import forecast_words
from admin_views.screens.mailing_gallery_place import gallery_url
from admin_views.screens.mailing_rehearsal_words import result_sentence
from admin_views.screens.mailing_words import (
    count_words,
    emails_words,
    kinds_of,
    review_words,
    stop_words,
)
from errors import Conflict, Forbidden, Invalid
from jobs.mailings import deliver_due
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailbox.senders import may_send_as, refusal_of
from services.mailings import flow
from services.mailings.account_load import load_of
from services.mailings.forecast import forecast
from services.mailings.mailing_list import name_of_person
from services.mailings.progress import RUNNING, extent_of, last_test_of, progress_of
from services.mailings.rehearsal import counts_of, rehearsal_of
from services.mailings.review import count_to_review

ASKED_FROM = 50  # more messages than this: the number has to be typed
Facts = list[tuple[str, str, str]]


@blueprint.get("/<uuid:public_id>/start")
def start(public_id: uuid.UUID) -> ResponseReturnValue:
    """The question before the first message leaves (S1-17)."""
    return _start_question(the_mailing(public_id, "start"))


@blueprint.post("/<uuid:public_id>/start")
def really_start(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "start")
    goes_on = mailing.state is MailingState.STOPPED
    try:
        _check_typed_number(mailing)
        flow.start(mailing.id)
    except Invalid as problem:
        return _start_question(mailing, problem.message), problem.status
    except Forbidden as problem:  # the question says why
        return _start_question(mailing), problem.status
    except Conflict as problem:
        return _second(mailing, problem)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("Sending has resumed.") if goes_on else _("Sending has started."))
    return redirect(console_url(mailing))


@blueprint.post("/<uuid:public_id>/stop")
def stop(public_id: uuid.UUID) -> ResponseReturnValue:
    """At most one message per connection still leaves (S1-19); it can go on at any time."""
    mailing = the_mailing(public_id, "stop")
    try:
        flow.stop(mailing.id)
    except Conflict as problem:
        return _second(mailing, problem)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("Sending is stopping. What has not left stays here."))
    return redirect(console_url(mailing))


@blueprint.get("/<uuid:public_id>/cancel")
def cancel(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "cancel")
    left = progress_of(mailing).tally.left
    page = _("Cancel")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (page, None))
    return render_template(
        "admin/model/confirm.html",
        dialog=_wants_dialog(),
        title=_("Cancel mailing no. %(number)s?", number=mailing.number),
        text=_("%(emails)s will not be sent. This cannot be undone.", emails=emails_words(left))
        if left
        else _("Nothing will be sent. This cannot be undone."),
        facts=(),
        button=_("Cancel the mailing"),
        back_label=_("Keep it"),
        is_danger=True,
        action_url=request.path,
        return_url=console_url(mailing),
    )


@blueprint.post("/<uuid:public_id>/cancel")
def really_cancel(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "cancel")
    try:
        flow.cancel(mailing.id)
    except Conflict as problem:
        return _second(mailing, problem)
    db.session.commit()
    flash(_("Mailing no. %(number)s was cancelled.", number=mailing.number))
    return redirect(console_url(mailing))


def _start_question(mailing: Mailing, error: str | None = None) -> str:
    """Numbers, sender, warnings, and above 50 the number to type."""
    progress, extent = progress_of(mailing), extent_of(mailing)
    left = progress.tally.left
    review = count_to_review(mailing)
    goes_on = mailing.state is MailingState.STOPPED
    label = _("Resume sending") if goes_on else _("Start sending")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (label, None))
    question = (
        _("Resume mailing no. %(number)s?", number=mailing.number)
        if goes_on
        else _("Start mailing no. %(number)s?", number=mailing.number)
    )
    return render_template(
        "admin/mailings/start.html",
        dialog=_wants_dialog(),
        title=question,
        emails=emails_words(left),
        invoices=count_words(kinds_of(mailing), extent.documents) if not goes_on else "",
        sender=mailing.account.address,
        facts=[*_facts(mailing), *_forecast(mailing, left)],
        excluded=extent.excluded,
        excluded_words=number(extent.excluded),
        excluded_url=url_for(
            "mailing_console.recipients", public_id=mailing.public_id, show="excluded"
        ),
        review=review_words(review, goes_on=goes_on) if review else None,
        review_url=gallery_url(mailing, is_review=True),
        asked=str(left) if left > ASKED_FROM else None,
        error=error,
        is_possible=left > 0
        and mailing.state not in RUNNING
        and may_send_as(mailing.account_id, current_staff().user),
        button=_("Accept and resume") if goes_on else _("Accept and start"),
        action_url=url_for("mailing_console.start", public_id=mailing.public_id),
        return_url=console_url(mailing),
    )


def _facts(mailing: Mailing) -> Facts:
    """What was checked, what to know."""
    facts: Facts = []
    if mailing.state is MailingState.SCHEDULED:
        time = begin_moment(mailing)
        said = _("It was scheduled for %(time)s: if you accept, it starts now.", time=time)
        facts.append(("calendar-clock", "warn", said))
    tested_at = last_test_of(mailing)
    if tested_at is None:
        facts.append(("alert-triangle", "warn", _("No test e-mail has been sent yet.")))
    else:
        time = f"{tested_at.astimezone(zone()):%d/%m, %H:%M}"
        facts.append(("circle-check", "ok", _("Test e-mail sent: %(time)s", time=time)))
    rehearsed = rehearsal_of(mailing)
    if rehearsed is not None and rehearsed.finished_at is not None and not rehearsed.problem:
        counts = counts_of(rehearsed)
        is_clean = not counts.odd and counts.arrived == rehearsed.planned
        tone = ("circle-check", "ok") if is_clean else ("alert-triangle", "warn")
        facts.append((*tone, _("Rehearsed: %(result)s", result=result_sentence(rehearsed, counts))))
    if mailing.last_answers is not None:
        facts.append(("alert-triangle", "warn", stop_words(mailing)))
    account, person = mailing.account, current_staff().user
    if not may_send_as(account.id, person):
        facts.append(("alert-circle", "bad", refusal_of(account, person)))
    elif not account.is_active:
        facts.append(("alert-triangle", "warn", _("The mail account is switched off.")))
    elif account.is_paused:
        facts.append(
            ("alert-triangle", "warn", _("The mail account was paused; it will be tried again."))
        )
    else:
        facts.append(("circle-check", "ok", _("The mail account is ready.")))
    return facts


def _forecast(mailing: Mailing, left: int) -> Facts:
    """How long the account's limits make it last, and what does not fit into them today."""
    if not left:
        return []
    seen = forecast(left, load_of(mailing.account))
    return [
        (symbol, tone.removeprefix("t-"), words)
        for symbol, tone, words in forecast_words(seen, is_scheduled=False)
    ]


def _check_typed_number(mailing: Mailing) -> None:
    """Raise Invalid unless the number that the question asks for was typed."""
    left = progress_of(mailing).tally.left
    if mailing.state in RUNNING or left <= ASKED_FROM:
        return
    if request.form.get("must", "").strip() != str(left):
        raise Invalid(_("Write %(n)s to confirm.", n=left), field="must")


def _second(mailing: Mailing, problem: Conflict) -> ResponseReturnValue:
    """Somebody was faster, or pressed twice: say what is, as calmly as it is."""
    db.session.rollback()
    if mailing.state in RUNNING and mailing.started_at is not None:
        name = name_of_person(mailing.started_by_id) or _("the system")
        time = f"{mailing.started_at.astimezone(zone()):%H:%M:%S}"
        flash(_("It is already being sent: %(name)s started it at %(time)s.", name=name, time=time))
    else:
        flash(problem.message)
    return redirect(console_url(mailing))


def _wants_dialog() -> bool:
    return request.headers.get("HX-Request") == "true"
