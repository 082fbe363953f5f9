"""Sealing every stored secret anew by the newest key, while the product works; commits as it goes.

The columns are found by their type in the metadata, so a new one is covered by itself. Whoever is interrupted begins
again: what is sealed by the newest key already is passed over.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, func, select, text, update

from errors import Unavailable
from models.base import db
from models.column_types import Sealed, SealedIfMarked
from models.people.organization import Organization
from models.sealing import keyring
from models.tenancy import across_organizations, acting_in

BATCH = 500
LOCK_PATIENCE_SECONDS = 30
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class SealedColumn:
    """A column with secrets; of some, only what begins with the mark is sealed."""

    table: Table
    column: "Column[Any]"

    def __str__(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def key(self) -> "Column[Any]":
        """The table's key; none of ours has two."""
        (found,) = self.table.primary_key.columns
        return found

    @property
    def is_of_organizations(self) -> bool:
        return "organization_id" in self.table.columns

    def token_of(self, stored: str | bytes) -> str:
        """What the keyring opens."""
        if isinstance(stored, bytes):
            return stored.removeprefix(SealedIfMarked.MARK).decode()
        return stored

    def stored(self, token: str) -> str | bytes:
        if isinstance(self.column.type, SealedIfMarked):
            return SealedIfMarked.MARK + token.encode()
        return token

    def rows(self) -> "Select[Any]":
        """Keys and stored values of what is sealed, by key."""
        query = select(self.key, self.column).order_by(self.key)
        if isinstance(self.column.type, SealedIfMarked):
            mark = SealedIfMarked.MARK
            return query.where(func.substring(self.column, 1, len(mark)) == mark)
        return query.where(self.column.is_not(None))


def sealed_columns() -> list[SealedColumn]:
    """Every column of the product that holds secrets which can be opened."""
    return [
        SealedColumn(table, column)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed | SealedIfMarked)
    ]


def reseal(progress: Progress = lambda where, count: None) -> int:
    """Seal anew what an older key has sealed; returns how many secrets that were. Commits batch by batch.

    Raises Unavailable if a secret is opened by no key: then nothing may be dropped.
    """
    total = 0
    for place in sealed_columns():
        done = 0
        for organization_id in _organizations(place):
            if organization_id is None:
                done += _reseal_in(place, None)
                continue
            with acting_in(organization_id):
                done += _reseal_in(place, organization_id)
        total += done
        progress(str(place), done)
    return total


def left_by_older_keys() -> int:
    """How many secrets the newest key alone does not open."""
    left = 0
    for place in sealed_columns():
        with across_organizations():
            for _key, stored in db.session.execute(place.rows().execution_options(yield_per=BATCH)):
                left += not keyring.is_newest(place.token_of(stored))
    return left


def hold_writers() -> None:
    """Let nobody write secrets until the end of this transaction; waits for those who are about to."""
    db.session.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE_SECONDS}s'"))
    for table in sorted({place.table.name for place in sealed_columns()}):
        db.session.execute(text(f'LOCK TABLE "{table}" IN SHARE MODE'))


def _organizations(place: SealedColumn) -> list[int | None]:
    if not place.is_of_organizations:
        return [None]
    with across_organizations():
        found: list[int | None] = [*db.session.scalars(select(Organization.id))]
    db.session.rollback()
    return found


def _reseal_in(place: SealedColumn, organization_id: int | None) -> int:
    done = 0
    for batch in _batches(place, organization_id):
        old = [(key, stored) for key, stored in batch if not _is_new(place, stored)]
        if old:
            db.session.execute(_change(place), [_values(place, key, stored) for key, stored in old])
        db.session.commit()
        done += len(old)
    return done


def _batches(place: SealedColumn, organization_id: int | None) -> Iterator[list[Any]]:
    query = place.rows().limit(BATCH)
    if organization_id is not None:
        query = query.where(place.table.c.organization_id == organization_id)
    last = None
    while True:
        after = query.where(place.key > last) if last is not None else query
        batch = list(db.session.execute(after).all())
        if not batch:
            db.session.rollback()
            return
        last = batch[-1][0]
        yield batch


def _change(place: SealedColumn) -> Any:
    """Only where the secret is still the one that was read: whoever changes it at this moment wins."""
    unchanged = {"updated_at": place.table.c.updated_at} if "updated_at" in place.table.c else {}
    return (
        update(place.table)
        .where(place.key == bindparam("its_key"), place.column == bindparam("before"))
        .values({place.column.name: bindparam("after"), **unchanged})
    )


def _values(place: SealedColumn, key: int, stored: Any) -> dict[str, Any]:
    try:
        token = keyring.renewed(place.token_of(stored))
    except Unavailable as problem:
        raise Unavailable(f"{place}, row {key}: {problem.message}") from None
    return {"its_key": key, "before": stored, "after": place.stored(token)}


def _is_new(place: SealedColumn, stored: Any) -> bool:
    return keyring.is_newest(place.token_of(stored))
