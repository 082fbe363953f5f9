"""Minutes, as people write and read hours."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from wtforms.fields import Field
from wtforms.widgets import TextInput

MOST_MINUTES = 60 * 100_000


class HoursField(Field):
    """Minutes, written as people write hours: 1:30, 1,5, 1 h 30, 90 min."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any) -> None:
        kw.setdefault("render_kw", {"autocomplete": "off", "placeholder": "1:30"})
        super().__init__(label, validators, **kw)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return hours_in_words(self.data) if self.data is not None else ""

    def process_formdata(self, values: list[str]) -> None:
        self.data = None
        if not values or not values[0].strip():
            return
        minutes = minutes_of(values[0])
        if minutes is None:
            raise ValueError(_("Write hours like 1:30, 1,5 or 90 min."))
        if minutes > MOST_MINUTES:
            raise ValueError(_("This number is too large."))
        self.data = minutes


def minutes_of(text: str) -> int | None:
    """The minutes that somebody wrote as hours; None for what is no such thing."""
    written = text.strip().lower()
    if found := re.fullmatch(r"(\d{1,6})\s*m(?:in)?", written):
        return int(found[1])
    if found := re.fullmatch(r"(\d{1,5})\s*(?::|h)\s*([0-5]?\d)(?:\s*m(?:in)?)?", written):
        return int(found[1]) * 60 + int(found[2])
    if found := re.fullmatch(r"(\d{1,5})(?:[.,](\d{1,4}))?\s*h?", written):
        return round(Decimal(f"{found[1]}.{found[2] or 0}") * 60)
    return None


def hours_in_words(minutes: int) -> str:
    """1:30 for 90 minutes."""
    return f"{minutes // 60}:{minutes % 60:02}"
