"""A sheet that is to be imported: its columns, how its numbers and dates are written, and its rows."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask_babel import gettext as _

from errors import Invalid
from files.column_mapping import ColumnMapping, HeadingCode, map_columns
from files.date_cells import DateEvidence, DateOrder
from files.decimal_cells import DecimalEvidence, DecimalStyle
from files.errors import UnreadableFile
from files.source_rows import Cell, SourceRow
from files.spreadsheet import read_rows
from services.system.imports.fields import DATE_FIELDS, FIELDS, NUMBER_FIELDS, ImportSubject
from services.system.imports.record_keys import RecordKeys


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row by its fields; `key` says which customer or document it belongs to (None: it does not say)."""

    line: int
    key: str | None
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Notation:
    """How numbers and dates are written in a file; None where it does not tell."""

    decimals: DecimalStyle | None = None
    dates: DateOrder | None = DateOrder.DAY_FIRST


@dataclass(frozen=True)
class Sheet:
    """A file with a usable header. `chosen` is what a person decided about its columns (from 0)."""

    source: Path | bytes
    filename: str
    subject: ImportSubject
    chosen: Mapping[int, str | None] | None = None
    date_order: DateOrder | None = None

    def source_rows(self) -> Iterator[SourceRow]:
        """The rows as they stand in the file, the header first. Raises Invalid in the reader's language."""
        with readable_errors():
            yield from read_rows(self.source, self.filename)

    def columns(self) -> ColumnMapping:
        """Where each field stands; raises Invalid if the header cannot be used."""
        header = next(self.source_rows(), None)
        if header is None:
            raise Invalid(_("%(file)s is empty.", file=self.filename))
        mapping = map_columns(header.cells, FIELDS[self.subject], chosen=self.chosen)
        if not mapping.is_usable:
            raise Invalid(header_sentence(mapping))
        return mapping

    def rows(self, mapping: ColumnMapping) -> Iterator[SheetRow]:
        """The rows below the header."""
        keys = RecordKeys(self.subject)
        source_rows = self.source_rows()
        next(source_rows, None)
        for row in source_rows:
            cells = mapping.cells_of(row.cells)
            yield SheetRow(row.line, keys.key_of(cells), cells)


@dataclass
class Survey:
    """What a first reading of all rows tells: how many, how written, how many of each record."""

    mapping: ColumnMapping
    rows: int = 0
    rows_of: Counter[str] = field(default_factory=Counter)
    notation: Notation = Notation()


def survey(sheet: Sheet) -> Survey:
    """Read the whole file once and change nothing; raises Invalid if it cannot be used."""
    found = Survey(sheet.columns())
    numbers, dates = DecimalEvidence(), DateEvidence()
    in_sheet = found.mapping.columns.keys()
    number_fields = [name for name in NUMBER_FIELDS if name in in_sheet]
    date_fields = [name for name in DATE_FIELDS if name in in_sheet]
    for row in sheet.rows(found.mapping):
        found.rows += 1
        if row.key is not None:
            found.rows_of[row.key] += 1
        for name in number_fields:
            numbers.see(row.cells[name])
        for name in date_fields:
            dates.see(row.cells[name])
    if not found.rows:
        raise Invalid(_("%(file)s has headings but no rows.", file=sheet.filename))
    order = sheet.date_order or dates.order
    if order is None and dates.contradiction is None:
        order = DateOrder.DAY_FIRST  # what people write here when nothing says otherwise
    found.notation = Notation(numbers.style, order)
    return found


def unknown_headings(mapping: ColumnMapping) -> list[str]:
    """The headings whose columns are left out."""
    return [
        p.heading for p in mapping.problems if p.code is HeadingCode.UNKNOWN and p.heading.strip()
    ]


def header_sentence(mapping: ColumnMapping) -> str:
    """What is wrong with the headings, in one sentence."""
    repeated = [p for p in mapping.problems if p.code is HeadingCode.DUPLICATE]
    if repeated:
        return str(
            _(
                "Two columns are read as %(field)s: “%(first)s” and “%(second)s”. Keep one of them.",
                field=repeated[0].field,
                first=mapping.headings[str(repeated[0].field)],
                second=repeated[0].heading,
            )
        )
    missing = [str(p.field) for p in mapping.problems if p.code is HeadingCode.MISSING]
    return str(_("There is no column for: %(fields)s.", fields=", ".join(missing)))


@contextmanager
def readable_errors() -> Iterator[None]:
    """Say what the library found wrong with a file in the reader's language."""
    try:
        yield
    except UnreadableFile as problem:
        raise Invalid(_(problem.sentence, **problem.values), field="file") from problem
