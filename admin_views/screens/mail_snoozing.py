"""Snoozing what is chosen: the question until when, and the answer (X3-06)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.next_page import leave_for
from admin_views.reader_formats import moment, number, zone
from admin_views.screens.mail_acting import Placements, asked_for, chosen_of
from admin_views.screens.mail_door import blueprint, is_for, reader
from admin_views.screens.mail_place import MailPlace, place_asked_for
from errors import Conflict, Invalid
from models.base import db, utc_now
from services.mailbox.mail_place import mailboxes_of
from services.mailbox.snoozing import snooze
from services.mailings.moments import moment_typed

MORNING = time(8, 0)
LATER_HOURS = 3
UNANSWERED_DAYS = (3, 7, 14)
LATEST_HOUR = 22  # what would come back after that comes in the morning
OWN = "own"


@dataclass(frozen=True)
class Choice:
    """A time that is offered, of the reader's clock."""

    wall: datetime
    words: str

    @property
    def value(self) -> str:
        return f"{self.wall:%Y-%m-%dT%H:%M}"


@blueprint.post("/snooze")
def snooze_chosen() -> ResponseReturnValue:
    """Asks until when first; `when` is one of the times that are offered, or `own` with a day and time."""
    person = reader("edit")
    place = place_asked_for(mailboxes_of(person), request.form)
    _deed, keys = asked_for()
    chosen = chosen_of(place, keys)
    if not chosen:
        raise Conflict(_("Choose at least one conversation."))
    when = request.form.get("when", "")
    if not when:
        return _question(place, keys, chosen)
    try:
        until = moment_typed(request.form.get("own", "") if when == OWN else when, str(zone()))
        batch = snooze(chosen, until, person)
    except Invalid as problem:
        return _question(place, keys, chosen, flaw=problem.message), 422
    db.session.commit()
    count = batch.messages
    flash(
        ngettext(
            "%(count)s conversation snoozed until %(when)s",
            "%(count)s conversations snoozed until %(when)s",
            count,
            count=number(count),
            when=moment(until),
        ),
        f"undo:{url_for('mail_area.take_back', batch=batch.id)}",
    )
    return leave_for(place.url(open=None))


def choices_at(now: datetime, *, is_outgoing: bool = False) -> list[Choice]:
    """Later today while there is something left of it, tomorrow, next week; `now` by the reader's clock.

    What one has sent is put off so as not to forget it when nobody answers: an answer brings it back sooner.
    """
    wall = now.replace(tzinfo=None, second=0, microsecond=0)
    later = (wall + timedelta(hours=LATER_HOURS)).replace(minute=0)
    tomorrow = datetime.combine(wall.date() + timedelta(days=1), MORNING)
    monday = datetime.combine(wall.date() + timedelta(days=7 - wall.weekday()), MORNING)
    found = [Choice(tomorrow, _("Tomorrow"))]
    if later.date() == wall.date() and later.hour <= LATEST_HOUR:
        found.insert(0, Choice(later, _("Later today")))
    if monday != tomorrow:
        found.append(Choice(monday, _("Next week")))
    if is_outgoing:
        for days in UNANSWERED_DAYS:
            day = datetime.combine(wall.date() + timedelta(days=days), MORNING)
            found.append(Choice(day, _("If nobody answers in %(days)s days", days=number(days))))
    return found


def _question(place: MailPlace, keys: Sequence[str], chosen: Placements, *, flaw: str = "") -> str:
    choices = choices_at(utc_now().astimezone(zone()), is_outgoing=place.is_outgoing)
    own = request.form.get("own") or choices[-1].value
    return render_template(
        "admin/mail/snooze.html",
        dialog=is_for("dialog"),
        has_fields=True,
        action_url=url_for("mail_area.snooze_chosen"),
        pairs=[
            *((name, value) for name, value in place.arguments().items() if name != "open"),
            *(("rowid", key) for key in keys),
            *([("all", "1")] if "all" in request.form else []),
        ],
        return_url=place.url(open=None),
        conversations=len({(each.folder_id, each.thread_id) for each in chosen}),
        choices=[
            (each.value, each.words, moment(each.wall.replace(tzinfo=zone()))) for each in choices
        ],
        chosen=request.form.get("when") or choices[0].value,
        own=own,
        flaw=flaw,
        zone=str(zone()).replace("_", " "),
    )
