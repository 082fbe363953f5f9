"""What a list can be narrowed by, written into the address as `flt_<name>=value` and shown as chips."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, cast, func

from admin_views.lookups import ScopedLoader
from models.states import state_word


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
        return ", ".join(str(self.word_of(self.members[part])).lower() for part in value.split(","))

    def options(self) -> list[tuple[str, str]]:
        return [(value, str(self.word_of(member))) for value, member in self.members.items()]

    def word_of(self, member: Any) -> Any:
        return state_word(member)


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
