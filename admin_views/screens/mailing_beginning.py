"""When a mailing begins by itself, in words (S1-06)."""

from flask_babel import gettext as _

from admin_views.reader_formats import day, moment, zone
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings.moments import zone_called


def begin_words(mailing: Mailing) -> str | None:
    """When it begins by itself, here and by the clock that was meant."""
    at = mailing.scheduled_at
    if mailing.state is not MailingState.SCHEDULED or at is None:
        return None
    said = _("It starts automatically: %(time)s.", time=moment(at))
    if mailing.scheduled_zone and mailing.scheduled_zone != zone().key:
        there = at.astimezone(zone_called(mailing.scheduled_zone))
        said += " " + _(
            "That is %(time)s in %(zone)s.",
            time=f"{there:%d/%m/%Y, %H:%M}",
            zone=mailing.scheduled_zone.replace("_", " "),
        )
    return said


def begin_moment(mailing: Mailing) -> str:
    """The same in short: by the clock that was meant, with its place if that is not here."""
    at, name = mailing.scheduled_at, mailing.scheduled_zone
    if at is None:
        return ""
    if not name or name == zone().key:
        return moment(at)
    there = at.astimezone(zone_called(name))
    place = name.rpartition("/")[2].replace("_", " ")
    return _("%(time)s in %(place)s", time=f"{day(there.date())}, {there:%H:%M}", place=place)
