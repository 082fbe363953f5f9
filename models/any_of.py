"""Many keys in one parameter: a list of parameters costs Python and the planner something for each of them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, Text, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute


def is_any_of(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], keys: Collection[int] | Collection[str]
) -> ColumnElement[bool]:
    """`column = ANY (keys)`: one parameter, however many keys there are."""
    kind = Text() if isinstance(column.type, String) else BigInteger()
    return column == any_(literal(list(keys), ARRAY(kind)))
