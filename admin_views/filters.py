"""Filters of a list: made from the columns, written into the address as `flt_<name>=value`, shown as chips."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, cast, func

from admin_views import reader_formats as reader
from admin_views.code_words import WORDS
from admin_views.columns import Described
from admin_views.lookups import ScopedLoader
from models.states import state_word

RANGE = ".."


class Filter:
    """One thing to narrow a list by. A value that makes no sense is ignored."""

    control = "text"

    def __init__(self, name: str, label: Any) -> None:
        self.name = name
        self.label = label

    def value_of(self, values: list[str]) -> str:
        """What was chosen in the form, as it stands in the address; empty for nothing."""
        return values[0].strip() if values else ""

    def is_valid(self, value: str) -> bool:
        return bool(value)

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        raise NotImplementedError

    def words(self, value: str) -> str:
        """The value for a chip."""
        return value

    def options(self) -> list[tuple[str, str]]:
        return []


class TextContains(Filter):
    """A part of a text, whatever case and accents."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        literal = value.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        return query.where(func.fold(getattr(model, self.name)).like(func.fold(f"%{literal}%")))


class EnumIs(Filter):
    """One or several members of an enum."""

    control = "select"

    def __init__(self, name: str, label: Any, kind: Any) -> None:
        super().__init__(name, label)
        self.kind = kind
        self.members = {member.value: member for member in kind}

    def value_of(self, values: list[str]) -> str:
        return ",".join(value for value in values if value)

    def is_valid(self, value: str) -> bool:
        return bool(value) and all(part in self.members for part in value.split(","))

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        wanted = [self.members[part] for part in value.split(",")]
        column = getattr(model, self.name)
        return query.where(column == wanted[0] if len(wanted) == 1 else column.in_(wanted))

    def words(self, value: str) -> str:
        return ", ".join(str(state_word(self.members[part])).lower() for part in value.split(","))

    def options(self) -> list[tuple[str, str]]:
        return [(value, str(state_word(member))) for value, member in self.members.items()]


class HasAnyOf(EnumIs):
    """Several members of an enum in a list of them: any is enough."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        column = getattr(model, self.name)
        return query.where(column.overlap(cast(value.split(","), column.type)))


class CodeIs(Filter):
    """One or several of the codes that a column may hold: a currency, a language."""

    control = "select"

    def __init__(self, name: str, label: Any, words: Callable[[], list[tuple[str, str]]]) -> None:
        super().__init__(name, label)
        self.options = words  # type: ignore[method-assign]

    def value_of(self, values: list[str]) -> str:
        return ",".join(value for value in values if value)

    def is_valid(self, value: str) -> bool:
        return bool(value) and set(value.split(",")) <= {code for code, _word in self.options()}

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(getattr(model, self.name).in_(value.split(",")))

    def words(self, value: str) -> str:
        known = dict(self.options())
        return ", ".join(known[code] for code in value.split(","))


class YesNo(Filter):
    """Yes or no."""

    control = "boolean"

    def is_valid(self, value: str) -> bool:
        return value in ("0", "1")

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(getattr(model, self.name).is_(value == "1"))

    def words(self, value: str) -> str:
        return _("yes") if value == "1" else _("no")


class IsThere(YesNo):
    """Whether there is anything in the column, such as a file."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        column = getattr(model, self.name)
        return query.where(column.is_not(None) if value == "1" else column.is_(None))


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


class RelationIs(Filter):
    """One record that the list's records belong to."""

    control = "lookup"

    def __init__(self, name: str, label: Any, loader: ScopedLoader, key: str) -> None:
        super().__init__(name, label)
        self.loader = loader
        self.key = key

    def is_valid(self, value: str) -> bool:
        return value.isdecimal() and self.loader.get_one(value) is not None

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(getattr(model, self.key) == int(value))

    def words(self, value: str) -> str:
        return str(self.loader.get_one(value))


def filter_for(column: Described, loaders: dict[str, ScopedLoader]) -> Filter | None:
    """The filter that fits a column; texts only get one when their model asks for it."""
    asked = column.info.get("filter")
    if asked is False or column.is_secret:
        return None
    if column.kind == "relation":
        key = next(iter(column.relation.local_columns)).key
        loader = loaders.get(column.name)
        return RelationIs(column.name, column.label, loader, key) if loader else None
    if column.enum is not None:
        return EnumIs(column.name, column.label, column.enum)
    if column.is_formula and not asked:
        return None  # without an index it would be worked out for every row
    if column.kind == "list" and "choices" in column.info:
        return HasAnyOf(column.name, column.label, column.info["choices"])
    if column.widget in WORDS and asked:
        return CodeIs(column.name, column.label, WORDS[column.widget])
    kinds: dict[str, type[Filter]] = {
        "yes_no": YesNo,
        "date": DateBetween,
        "moment": MomentBetween,
        "money": NumberBetween,
        "number": NumberBetween,
        "file": IsThere,
    }
    if asked:
        kinds |= {"text": TextContains, "whole": NumberBetween}
    made = kinds.get(column.kind)
    return made(column.name, column.label) if made else None


class TextIs(Filter):
    """Exactly this text."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(getattr(model, self.name) == value)


class WholeNumberIs(Filter):
    """Exactly this whole number."""

    def is_valid(self, value: str) -> bool:
        return value.isdecimal() and len(value) < 19

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        return query.where(getattr(model, self.name) == int(value))
