"""Filters from and to: days, moments, numbers; either end may be open."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func

from admin_views import reader_formats as reader
from admin_views.filters import Filter

RANGE = ".."


class _Between(Filter):
    """From and to, each may be open."""

    def value_of(self, values: list[str]) -> str:
        low, high = (*values, "", "")[:2]
        return f"{low.strip()}{RANGE}{high.strip()}" if low.strip() or high.strip() else ""

    def limits(self, value: str) -> tuple[Any, Any]:
        low, found, high = value.partition(RANGE)
        if not found:
            high = low
        return (self.read(low) if low else None), (self.read(high) if high else None)

    def read(self, text: str) -> Any:
        raise NotImplementedError

    def is_valid(self, value: str) -> bool:
        try:
            return self.limits(value) != (None, None)
        except (ValueError, InvalidOperation):
            return False

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        low, high = self.limits(value)
        conditions = self.conditions(getattr(model, self.name), low, high)
        return query.where(*conditions)

    def conditions(self, column: Any, low: Any, high: Any) -> list[ColumnElement[bool]]:
        found = [column >= low] if low is not None else []
        return [*found, column <= high] if high is not None else found

    def words(self, value: str) -> str:
        low, high = self.limits(value)
        if low == high:
            return self.said(low)
        if low is None:
            return _("up to %(high)s", high=self.said(high))
        if high is None:
            return _("from %(low)s", low=self.said(low))
        return f"{self.said(low)} – {self.said(high)}"

    def said(self, limit: Any) -> str:
        raise NotImplementedError


class DateBetween(_Between):
    """A range of days."""

    control = "daterange"

    def read(self, text: str) -> date:
        return date.fromisoformat(text)

    def said(self, limit: date) -> str:
        return reader.day(limit)


class MomentBetween(DateBetween):
    """A range of days for a moment, in the organization's time zone."""

    def conditions(self, column: Any, low: Any, high: Any) -> list[ColumnElement[bool]]:
        zone = reader.zone().key
        begin = func.timezone(zone, low) if low is not None else None
        end = func.timezone(zone, high + timedelta(days=1)) if high is not None else None
        found = [column >= begin] if begin is not None else []
        return [*found, column < end] if end is not None else found


class NumberBetween(_Between):
    """A range of numbers, in the reader's notation when typed, plain in the address."""

    control = "numberrange"

    def value_of(self, values: list[str]) -> str:
        return super().value_of([self._plain(value) for value in values])

    @staticmethod
    def _plain(text: str) -> str:
        try:
            return str(parse_decimal(text.strip(), locale=get_locale(), strict=True))
        except (NumberFormatError, InvalidOperation):
            return text

    def read(self, text: str) -> Decimal:
        number = Decimal(text)
        if not number.is_finite() or abs(number) >= Decimal(10) ** 18:
            raise ValueError(text)
        return number

    def said(self, limit: Decimal) -> str:
        return reader.number(limit)
