"""Many rows at once, with keys that others can point to."""

from collections.abc import Sequence
from typing import Any

from services.system import bulk_insert

CHUNK = 2_000


def insert_rows(model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert the rows (all with the same columns) and return their keys, in the same order."""
    keys = bulk_insert.reserve_keys(model.__table__, len(rows))
    keyed = [{"id": key, **row} for key, row in zip(keys, rows, strict=True)]
    for start in range(0, len(keyed), CHUNK):
        bulk_insert.insert_rows(model.__table__, keyed[start : start + CHUNK])
    return keys
