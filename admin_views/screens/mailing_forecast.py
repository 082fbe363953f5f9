"""When the mailing would end and what the account still takes today, in words."""

from datetime import timedelta

from flask_babel import gettext as _

from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_words import duration_words
from models.base import utc_now
from services.mailings.forecast import Forecast

Line = tuple[str, str, str]  # icon, tone, sentence


def forecast_words(seen: Forecast, *, is_scheduled: bool) -> list[Line]:
    """A few lines: how long, how much of today's quota, when the rest goes."""
    lines: list[Line] = []
    lasts = duration_words(max(1, round(seen.lasts)))
    if seen.before_pause is None and seen.lasts < 60:
        lines.append(("clock", "dim", _("Less than a minute")))
    elif seen.before_pause is None:
        said = _("About %(time)s at %(n)s a minute", time=lasts, n=number(max(1, seen.per_minute)))
        lines.append(("clock", "dim", said))
    if is_scheduled or seen.lasts > 3600:
        ends = moment(utc_now() + timedelta(seconds=seen.ends_in))
        lines.append(("calendar-clock", "dim", _("Ends around %(time)s", time=ends)))
    if seen.allowed_today is not None:
        n, allowed = number(min(seen.count, seen.allowed_today)), number(seen.allowed_today)
        said = _("%(n)s of the %(allowed)s that the account allows today", n=n, allowed=allowed)
        lines.append(("gauge", "dim", said))
    if seen.before_pause is not None and seen.goes_on_in is not None:
        rest = seen.count - seen.before_pause
        goes_on = moment(utc_now() + timedelta(seconds=seen.goes_on_in))
        said = _(
            "It exceeds the quota: %(n)s leave first, the other %(rest)s from %(time)s on",
            n=number(seen.before_pause),
            rest=number(rest),
            time=goes_on,
        )
        lines.append(("alert-triangle", "t-warn", said))
    return lines
