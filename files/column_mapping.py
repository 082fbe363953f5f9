"""Which column of a sheet is which of our fields, told by the headings in Spanish or English."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from files.source_rows import Cell

CLOSE_ENOUGH = 0.78


@dataclass(frozen=True, slots=True)
class Field:
    """What a column may hold; its own name counts as a heading too."""

    name: str
    headings_es: tuple[str, ...] = ()
    headings_en: tuple[str, ...] = ()
    required: bool = False


class HeadingCode(StrEnum):
    """What can be wrong with the headings."""

    UNKNOWN = "unknown"
    DUPLICATE = "duplicate"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class HeadingProblem:
    """A heading to look at: `field` is the field it repeats, lacks, or may have meant.

    `heading` is as it stands in the file, blank for a missing one; `column` counts from 1.
    An unknown heading is only a hint: its column is left out.
    """

    code: HeadingCode
    heading: str
    column: int | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Where each field stands in a row, and what was wrong with the headings."""

    columns: Mapping[str, int]
    headings: Mapping[str, str]
    problems: tuple[HeadingProblem, ...] = field(default=())

    @property
    def is_usable(self) -> bool:
        """Whether all that is required is there, once."""
        return all(problem.code is HeadingCode.UNKNOWN for problem in self.problems)

    def cells_of(self, cells: Sequence[Cell]) -> dict[str, Cell]:
        """The row's cells by field; a row that ends early has blanks at its end."""
        return {
            name: cells[column] if column < len(cells) else ""
            for name, column in self.columns.items()
        }


def map_columns(
    header: Sequence[Cell],
    fields: Sequence[Field],
    *,
    chosen: Mapping[int, str | None] | None = None,
) -> ColumnMapping:
    """Find the columns, in any order; accents, case, spaces and punctuation do not count.

    `chosen` is what a person decided: the field (or None, leave it out) by column from 0.
    """
    chosen = chosen or {}
    by_heading = _fields_by_heading(fields)
    columns: dict[str, int] = {}
    headings: dict[str, str] = {}
    problems: list[HeadingProblem] = []
    for column, cell in enumerate(header):
        heading = str(cell).strip()
        name = chosen[column] if column in chosen else by_heading.get(_bare(heading))
        if name is None:
            if heading and column not in chosen:
                meant = _closest(heading, by_heading, columns)
                problems.append(HeadingProblem(HeadingCode.UNKNOWN, heading, column + 1, meant))
        elif name in columns:
            problems.append(HeadingProblem(HeadingCode.DUPLICATE, heading, column + 1, name))
        else:
            columns[name] = column
            headings[name] = heading
    problems += [
        HeadingProblem(HeadingCode.MISSING, "", field=each.name)
        for each in fields
        if each.required and each.name not in columns
    ]
    return ColumnMapping(columns, headings, tuple(problems))


def _fields_by_heading(fields: Sequence[Field]) -> dict[str, str]:
    names: dict[str, str] = {}
    for each in fields:
        for heading in (each.name, *each.headings_es, *each.headings_en):
            if names.setdefault(_bare(heading), each.name) != each.name:
                raise ValueError(f"two fields have the heading {heading!r}")
    return names


def _bare(heading: str) -> str:
    """Letters and digits only: "Nº de Factura" and "no_de_factura" are the same."""
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _closest(heading: str, by_heading: Mapping[str, str], taken: Mapping[str, int]) -> str | None:
    free = [known for known, name in by_heading.items() if name not in taken]
    close = get_close_matches(_bare(heading), free, n=1, cutoff=CLOSE_ENOUGH)
    return by_heading[close[0]] if close else None
