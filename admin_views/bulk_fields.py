"""Which fields of a screen many records may be given at once.

Everything that its form takes, but for what tells one record from another: the identifying column, what has to be
unique, and what its model keeps out with `"bulk": False`. A screen narrows it further with `bulk_columns`.
"""

from typing import Any

from sqlalchemy import Table, UniqueConstraint, inspect

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
    table = inspect(model).local_table
    unique = _unique_columns(table)
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


def _unique_columns(table: Table) -> set[str]:
    """Columns that have to differ from record to record, alone or together with others."""
    found = {column.name for column in table.columns if column.unique or column.primary_key}
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            found |= {column.name for column in constraint.columns}
    for index in table.indexes:
        if index.unique:
            found |= {column.name for column in index.columns}
            condition = index.dialect_options["postgresql"]["where"]
            found |= {c.name for c in table.columns if str(condition) == c.name}
    return found - {"organization_id"}


def is_yes_or_no(field: Any) -> bool:
    """A box says nothing when it is empty: here it becomes a choice."""
    return isinstance(field, BooleanField)
