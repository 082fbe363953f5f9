"""Moments as the mail area writes them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from admin_views.reader_formats import day, full_moment, language, today, zone


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTimes:
    """What a moment is for whoever reads: asked once a page, not for every line."""

    zone: ZoneInfo
    language: str
    today: date

    def short(self, value: datetime) -> str:
        """Today the time of day, then yesterday, then the day."""
        local = value.astimezone(self.zone)
        if local.date() == self.today:
            return f"{local:%H:%M}"
        if local.date() == self.today - timedelta(days=1):
            return _("yesterday")
        return day(local.date(), self.language, self.today.year)

    def full(self, value: datetime) -> str:
        """The exact time, for a title."""
        return full_moment(value, self.language, self.zone)


def mail_times() -> MailTimes:
    """Those of this reader, now."""
    return MailTimes(zone=zone(), language=language(), today=today())
