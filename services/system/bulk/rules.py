"""What a run asks of the door it came from: the rules of a screen, for each of its records."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from models.system.bulk_run import BulkOutcome, BulkRun


@dataclass(frozen=True, kw_only=True)
class Row:
    """A record whose turn it is. When a change is taken back, `before` is what the record has to hold still."""

    id: int
    target_id: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a row: `before` and `after` as JSON, or why it was refused."""

    row_id: int
    outcome: BulkOutcome
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    reason: str | None = None


class Rules(Protocol):
    """The rules of one screen for one run, with the rights of whoever began it."""

    may_join: bool  # many records may be written together: nothing is written before the flush

    def records(self, keys: Sequence[int]) -> Mapping[int, Any]:
        """Those of the records that the maker of the run may touch, by key."""

    def refusal(self, record: Any | None, row: Row) -> str | None:
        """Why the record cannot have its turn, before anything of it is changed."""

    def do(self, record: Any, row: Row) -> Result:
        """Change the record and flush unless `may_join`; raises an AppError if its own rules forbid it."""

    def sentence(self, problem: DBAPIError) -> str:
        """Why the database said no."""


# Enters the organization of a run with the rights of its maker; raises Forbidden if they may not do it any more.
Desk = Callable[[BulkRun], AbstractContextManager[Rules]]
