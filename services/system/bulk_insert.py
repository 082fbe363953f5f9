"""Insert many rows in one statement, as one JSON parameter: several times faster than a statement a row."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import Table

from models.audit_trail import plain
from models.base import db

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own


def reserve_keys(table: Table, count: int) -> list[int]:
    """Keys for rows that are to be inserted, so that others can point to them at once."""
    next_keys = text(
        "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
    )
    keys = db.session.scalars(next_keys, {"table": table.name, "count": count})
    return list(keys)


def insert_rows(
    table: Table, rows: Sequence[Mapping[str, Any]], *, unless_taken: Sequence[str] = ()
) -> None:
    """Insert the rows, which all have the same columns; defaults of the model fill the others.

    A row is left out if there is one already with the same values of `unless_taken`, which are unique together.
    Nothing of it passes through the session: no audit, no wall but the database's own.
    """
    if not rows:
        return
    missing = [
        column
        for column in table.columns
        if column.name not in rows[0] and column.default is not None
    ]
    columns = [table.columns[name] for name in rows[0]] + missing
    quote = DIALECT.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in columns)
    kinds = ", ".join(f"{quote(c.name)} {c.type.compile(DIALECT)}" for c in columns)
    statement = (
        f"INSERT INTO {quote(table.name)} ({names})"  # nosec B608  # names of our own tables
        f" SELECT {names} FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given({kinds})"
    )
    if unless_taken:
        statement += f" ON CONFLICT ({', '.join(map(quote, unless_taken))}) DO NOTHING"
    filled = [{**row, **_defaults(missing)} for row in rows]
    given = json.dumps(filled, default=plain, ensure_ascii=False)
    db.session.execute(text(statement), {"rows": given})


def _defaults(columns: Sequence[Column[Any]]) -> dict[str, Any]:
    values = {}
    for column in columns:
        default: Any = column.default
        values[column.name] = default.arg(None) if default.is_callable else default.arg
    return values
