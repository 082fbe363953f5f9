"""Many rows at once: one JSON a chunk, unfolded by PostgreSQL (COPY is refused under row-level security)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from models.base import db

CHUNK = 2_000


def insert_rows(model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert the rows (all with the same columns) and return their keys, in the same order."""
    if not rows:
        return []
    table = model.__table__.name
    keys = list(
        db.session.scalars(
            text(
                "SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :count)"
            ),
            {"table": table, "count": len(rows)},
        )
    )
    columns = ", ".join(["id", *rows[0]])
    statement = text(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_recordset(NULL::{table}, :rows)"  # nosec B608  # names of our own tables
    )
    for start in range(0, len(rows), CHUNK):
        chunk = [
            {"id": key, **row}
            for key, row in zip(
                keys[start : start + CHUNK], rows[start : start + CHUNK], strict=True
            )
        ]
        db.session.execute(statement, {"rows": json.dumps(chunk, default=str)})
    return keys
