"""When a mailing begins by itself, in words (S1-06)."""

from flask_babel import gettext as _

from admin_views.reader_formats import moment, zone
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
