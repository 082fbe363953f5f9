"""What became of an import: counts of customers or documents, and every wrong cell."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from services.system.imports.cells import WrongCell
from services.system.imports.records import SheetRecord

MADE_KEPT = 50


@dataclass(frozen=True, slots=True)
class Made:
    """A record that was created or changed."""

    id: int
    name: str


@dataclass
class Counts:
    """How many rows were read, and how many customers or documents came of them.

    `held_back` are rows that are right themselves, but whose record has a wrong one.
    """

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    held_back: int = 0
    made: list[Made] = field(default_factory=list)

    def add(self, other: "Counts") -> None:
        self.rows += other.rows
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.held_back += other.held_back
        self.made += other.made[: MADE_KEPT - len(self.made)]

    def copy(self) -> "Counts":
        """These counts as they are now."""
        return replace(self, made=list(self.made))

    def noted(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self)

    @classmethod
    def of(cls, noted: dict[str, Any]) -> Self:
        """What was stored."""
        known = {name: noted[name] for name in cls.__dataclass_fields__ if name in noted}
        return cls(**known | {"made": [Made(**made) for made in noted.get("made", ())]})


@dataclass
class Outcome:
    """The counts and the wrong cells, by line; `held_back` maps lines to the wrong line that holds them."""

    counts: Counts = field(default_factory=Counts)
    wrong: list[WrongCell] = field(default_factory=list)
    held_back: dict[int, int] = field(default_factory=dict)

    def take_wrong(self, records: Iterable[SheetRecord]) -> None:
        """Collect what keeps these records out."""
        for record in records:
            if record.wrong:
                self.wrong += record.wrong
                lines = {cell.line for cell in record.wrong}
                for row in record.rows:
                    if row.line not in lines:
                        self.held_back[row.line] = min(lines)

    def sort(self) -> None:
        """Put the wrong cells into the order of the file."""
        self.wrong.sort(key=lambda cell: cell.line)

    @property
    def wrong_rows(self) -> int:
        return len({cell.line for cell in self.wrong})

    def for_programs(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "rows": self.counts.rows,
            "created": self.counts.created,
            "updated": self.counts.updated,
            "unchanged": self.counts.unchanged,
            "held_back": self.counts.held_back,
            "wrong": [
                {"line": cell.line, "column": cell.column, "reason": cell.reason}
                for cell in self.wrong
            ],
        }
