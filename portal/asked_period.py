"""The period that somebody asks for by two days."""

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from errors import Invalid
from services.portal.account_period import usual_period
from services.sales.statements import Period


def asked_period(asked: Mapping[str, str], today: date) -> Period:
    """From `first` to `last`; the usual period's day where one is not said. Raises Invalid."""
    usual = usual_period(today)
    first, last = asked.get("first", ""), asked.get("last", "")
    if not first and not last:
        return usual
    try:
        return Period.checked(
            date.fromisoformat(first) if first else usual.first,
            date.fromisoformat(last) if last else usual.last,
            today=today,
        )
    except ValueError as problem:
        raise Invalid(_("Write both days as a date, such as 2026-08-21.")) from problem
