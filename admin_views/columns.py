"""What a model says about itself: its columns, relations and lines, in the order in which people see them."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Enum,
    Integer,
    Numeric,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSON

from models.column_types import FileHash, Secret

ORDER_UNLESS_SAID = 50
F = TypeVar("F", bound=Callable[..., Any])


def once(function: F) -> F:
    """Worked out once per model; `cache` alone would take the argument's type from our functions."""
    return cast(F, cache(function))


@dataclass(frozen=True, eq=False)
class Described:
    """A column or a relation to one record, as its model describes it."""

    name: str
    label: Any
    info: dict[str, Any]
    column: ColumnElement[Any] | None = None
    relation: Any = None

    @property
    def help(self) -> Any:
        return self.info.get("help")

    @property
    def group(self) -> Any:
        return self.info.get("group")

    @property
    def widget(self) -> str | None:
        return self.info.get("widget")

    @property
    def is_secret(self) -> bool:
        return bool(
            self.info.get("secret")
            or (self.column is not None and isinstance(self.column.type, Secret))
        )

    @property
    def is_formula(self) -> bool:
        """Whether the database works it out: a generated column, or an expression (`column_property`)."""
        if isinstance(self.column, Column):
            return self.column.computed is not None
        return self.column is not None

    @property
    def is_readonly(self) -> bool:
        viewonly = self.relation is not None and self.relation.viewonly
        return bool(self.info.get("readonly") or self.is_formula or viewonly)

    @property
    def is_listed(self) -> bool:
        return bool(self.info.get("list", not self.is_secret and self.widget != "long"))

    @property
    def sort_name(self) -> str:
        """The column that orders the list by this one."""
        return str(self.info.get("sort_by", self.name))

    @property
    def enum(self) -> type[enum.StrEnum] | None:
        kind = self.column.type if self.column is not None else None
        return kind.enum_class if isinstance(kind, Enum) else None  # type: ignore[return-value]

    @property
    def kind(self) -> str:
        """One word for what it holds."""
        if self.relation is not None:
            return "relation"
        assert self.column is not None
        type_ = self.column.type
        if isinstance(type_, FileHash):
            return "file"
        for word, types in (
            ("enum", Enum),
            ("yes_no", Boolean),
            ("date", Date),
            ("moment", DateTime),
            ("json", JSON),
            ("list", ARRAY),
            ("whole", Integer),
        ):
            if isinstance(type_, types):
                return word
        if isinstance(type_, Numeric):
            return "money" if "money" in self.info else "number"
        return "text"


@once
def described(model: Any) -> dict[str, Described]:
    """Everything of a record that a person may see or enter, by name; a relation stands where its key stands."""
    mapper = inspect(model)
    relations = {
        next(iter(relation.local_columns)).key
        if len(relation.local_columns) == 1
        else None: relation
        for relation in mapper.relationships
        if not relation.uselist and relation.info.get("label") and not relation.info.get("hidden")
    }
    found = []
    for position, attribute in enumerate(mapper.column_attrs):
        column, info = attribute.columns[0], info_of(attribute)
        if attribute.key in relations:
            relation = relations[attribute.key]
            merged = {**info, **relation.info}
            found.append(
                (position, Described(relation.key, merged["label"], merged, None, relation))
            )
        elif not info.get("hidden") and (info.get("label") or info.get("secret")):
            label = info.get("label") or attribute.key
            found.append((position, Described(attribute.key, label, info, column)))
    found.sort(key=lambda one: (one[1].info.get("order", ORDER_UNLESS_SAID), one[0]))
    return {one.name: one for _position, one in found}


def info_of(attribute: Any) -> dict[str, Any]:
    """What a column says about itself; an expression says it on its property."""
    column = attribute.columns[0]
    return dict(column.info if isinstance(column, Column) else attribute.info)


@once
def visible(model: Any) -> dict[str, Described]:
    """What may be shown: everything but secrets."""
    return {name: one for name, one in described(model).items() if not one.is_secret}


@once
def lines_of(model: Any) -> dict[str, Any]:
    """The relations whose records are edited as a table in the form, by name."""
    return {
        relation.key: relation
        for relation in inspect(model).relationships
        if relation.uselist and relation.info.get("inline")
    }


@once
def search_columns(model: Any) -> list[str]:
    """The columns with `search` in their description, the hidden ones too."""
    return [a.key for a in inspect(model).column_attrs if info_of(a).get("search")]


@once
def sortable(model: Any) -> frozenset[str]:
    """The columns whose order an index serves: (organization, kind, column, id), or a short table's key.

    Sorting by anything else would read the whole table.
    """
    table = inspect(model).local_table
    found = {"id"}
    for index in table.indexes:
        names = [column.name for column in index.columns]
        if names and names[-1] == "id" and index.dialect_options["postgresql"]["where"] is None:
            rest = [name for name in names[:-1] if name not in ("organization_id", "kind")]
            if len(rest) == 1:
                found.add(rest[0])
    return frozenset(name for name in found if not table.c[name].nullable)
