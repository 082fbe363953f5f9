"""Values of records as JSON keeps them, and back: what a run found, and what it writes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import inspect

from admin_views.columns import Described
from errors import Conflict
from models.audit_trail import plain, told_columns
from models.base import db


def held(record: Any, column: Described) -> Any:
    """What the record holds in this column; of a relation, the key."""
    return as_json(getattr(record, key_of(column)))


def all_held(record: Any) -> dict[str, Any]:
    """What the record holds in every column that is no secret."""
    names = [name for name, is_secret in told_columns(type(record)) if not is_secret]
    return {name: as_json(getattr(record, name)) for name in names}


def write(record: Any, column: Described, value: Any) -> None:
    """Put a value back into the record; raises Conflict if it was a record that is gone."""
    if column.relation is None:
        setattr(record, column.name, from_json(column, value))
        return
    other = None if value is None else db.session.get(column.relation.mapper.class_, value)
    if value is not None and other is None:
        raise Conflict(_("It refers to a record that does not exist any more."))
    setattr(record, column.name, other)


def as_json(value: Any) -> Any:
    """One notation for equal values: 10 and 10.0000, a moment here and the same one in UTC."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    if inspect(value, raiseerr=False) is not None and hasattr(value, "id"):
        return value.id
    return plain(value)


def from_json(column: Described, value: Any) -> Any:
    """The value as the column wants it."""
    if value is None:
        return None
    if column.enum is not None:
        return column.enum(value)
    makers: dict[str, Any] = {
        "date": date.fromisoformat,
        "moment": datetime.fromisoformat,
        "money": Decimal,
        "number": Decimal,
    }
    return makers[column.kind](value) if column.kind in makers else value


def key_of(column: Described) -> str:
    """The attribute that is stored: of a relation, its key."""
    if column.relation is None:
        return column.name
    return str(next(iter(column.relation.local_columns)).key)
