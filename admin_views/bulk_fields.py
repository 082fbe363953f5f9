"""Which fields of a screen many records may be given at once.

Everything that its form takes, but for what tells one record from another: the identifying column, what has to be
unique, and what its model keeps out with `"bulk": False`. A screen narrows it further with `bulk_columns`.
"""

from typing import Any, cast

from sqlalchemy import Table, UniqueConstraint, inspect
from sqlalchemy.orm import Mapper

from admin_views.bulk_values import key_of
from admin_views.columns import Described, described, once
from admin_views.fields import BooleanField


def bulk_fields(screen: Any) -> dict[str, Described]:
    """What this reader may change in many records of the screen, in the order of the form."""
    if not screen.allows("edit"):
        return {}
    return {
        name: column
        for name, column in _in_question(screen.model).items()
        if name in screen.form_columns
        and (screen.bulk_columns is None or name in screen.bulk_columns)
        and screen.may_see(column)
        and screen.allows("edit", name)
    }


@once
def _in_question(model: Any) -> dict[str, Described]:
    unique = _unique_columns(inspect(model))
    info = model.__admin__
    return {
        name: column
        for name, column in described(model).items()
        if column.info.get("bulk", True)
        and not column.is_readonly
        and not column.is_secret
        and column.kind not in ("json", "file")
        and name != info.title
        and key_of(column) not in unique
    }


def _unique_columns(mapper: Mapper[Any]) -> set[str]:
    """Columns that have to differ from record to record, alone or together with others."""
    table = cast(Table, mapper.local_table)
    found = {column.name for column in table.columns if column.unique or column.primary_key}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found |= {column.name for column in constraint.columns}
    for index in table.indexes:
        condition = index.dialect_options["postgresql"]["where"]
        if index.unique and not _is_of_another_kind(str(condition), mapper.polymorphic_identity):
            found |= {column.name for column in index.columns}
            found |= {c.name for c in table.columns if str(condition) == c.name}
    return found - {"organization_id"}


def _is_of_another_kind(condition: str, kind: Any) -> bool:
    """Whether an index of a table of several kinds of records is about others than these."""
    return condition.startswith("kind = ") and not condition.startswith(f"kind = '{kind}'")


def is_yes_or_no(field: Any) -> bool:
    """A box says nothing when it is empty: here it becomes a choice."""
    return isinstance(field, BooleanField)
