"""Which rows of a sheet belong together: those with the same number."""

from collections.abc import Mapping

from files.cell_values import CellProblem, parse_text
from files.source_rows import Cell
from services.system.imports.fields import ImportSubject

LONGEST_NUMBER = 15
HEAD = {
    ImportSubject.CUSTOMERS: ("number", "name"),
    ImportSubject.INVOICES: ("number", "customer_number", "issue_date"),
}


class RecordKeys:
    """Names the record of each row, in the order of the file.

    A row that says nothing of its record (its cells were merged, say) belongs to the one above: it will be found
    wrong there, and so keeps the record from being imported without it.
    """

    def __init__(self, subject: ImportSubject) -> None:
        self._subject = subject
        self._head = HEAD[subject]
        self._above: str | None = None

    def key_of(self, cells: Mapping[str, Cell]) -> str | None:
        """The record's key, or None if the row names none that could be."""
        if all(bare(cells.get(name, "")) == "" for name in self._head):
            return self._above
        number = bare(cells.get("number", ""))
        if self._subject is ImportSubject.INVOICES:
            digits = document_number(number)
            series = bare(cells.get("series", ""))
            self._above = None if digits is None or series is None else f"{series}-{digits}"
        else:
            self._above = number or None
        return self._above


def bare(cell: Cell) -> str | None:
    """The text of a cell on one line; None if it has none that can be read."""
    try:
        return " ".join(parse_text(cell).split())
    except CellProblem:
        return None


def document_number(text: str | None) -> int | None:
    """The number of a document; None if the text is not one (letters belong to the series)."""
    if text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
        return int(text) or None
    return None
