"""Foreign keys that cannot leave their organization."""

from typing import Any

from sqlalchemy import ForeignKeyConstraint


def belongs_to(table: str, column: str | None = None, *, ondelete: str | None = None) -> Any:
    """A composite key `(organization_id, column)` to `(organization_id, id)` of `table`.

    Keys bypass row-level security, so a plain key could point to another organization's row.
    """
    return ForeignKeyConstraint(
        ["organization_id", column or f"{table}_id"],
        [f"{table}.organization_id", f"{table}.id"],
        ondelete=ondelete,
    )
