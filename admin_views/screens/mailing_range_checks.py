"""What is said of a range of documents fits together: first and last, one series, not too many one by one."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import ValidationError

from admin_views.reader_formats import number

MOST_CHOSEN = 2_000  # documents chosen one by one; a filter of the list has no such limit
LONGEST_KEY = 18  # digits
NO_KEY = 0


def keys_in(field: Any) -> list[int]:
    """What is too long for a key is none of a document, and stays a choice: without it the range would be wider."""
    keys = re.findall(r"\d+", field.data or "")
    return [int(key) if len(key) <= LONGEST_KEY else NO_KEY for key in keys]


def check_chosen(keys: list[int]) -> None:
    if len(keys) > MOST_CHOSEN:
        raise ValidationError(
            _(
                "%(n)s documents are chosen, and at most %(most)s can be chosen one by one. Use the filter of the list"
                " instead, or say a range of numbers or dates.",
                n=number(len(keys)),
                most=number(MOST_CHOSEN),
            )
        )


def check_order(first: Any, last: Any) -> None:
    if first.number is not None and last.number is not None and first.number > last.number:
        raise ValidationError(_("The last number comes before the first one."))


def check_days(first: Any, last: Any) -> None:
    if first.data and last.data and first.data > last.data:
        raise ValidationError(_("The last day comes before the first one."))


def check_series(chosen: Any, *numbers: Any) -> None:
    """A range has one series, wherever it is said."""
    named = {series for series in (chosen.data, *(field.series for field in numbers)) if series}
    if len(named) > 1:
        words = ", ".join(sorted(named))
        raise ValidationError(
            _("A range has one series; here are several: %(names)s.", names=words)
        )
    unknown = named - {name for name, _label in chosen.choices}
    if unknown:
        raise ValidationError(_("There is no series “%(name)s”.", name=unknown.pop()))
