"""A first look into a workbook, before a parser that trusts it: how large it is, and its formulas.

The look is a stream: memory stays flat whatever the archive holds. Document types, and with
them entities, are refused.
"""

import posixpath
import re
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import BinaryIO
from xml.parsers import expat  # nosec B407  # no document type gets past _parser()
from zipfile import BadZipFile, ZipFile

from files.errors import N_, UnreadableFile
from files.source_rows import ReadLimits

BLOCK_BYTES = 1 << 18
SMALL_BYTES = 20_000_000  # below this any ratio is harmless

# What zipfile, zlib and expat raise over bytes that are not what their place says.
_DAMAGE = (BadZipFile, zlib.error, expat.ExpatError, LookupError, OSError, EOFError, ValueError)

_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")

Attributes = dict[str, str]


class SheetInspection:
    """Where the cells with something in them reach, and which formulas have no value.

    `index` is the sheet's place in the workbook, from 0.
    """

    def __init__(self, index: int) -> None:
        self.index = index
        self.first_row = self.first_column = 1 << 30
        self.last_row = self.last_column = 0
        self.formulas_without_value: set[tuple[int, int]] = set()

    @property
    def dense_cells(self) -> int:
        """How many cells the rectangle around all that is filled has."""
        if not self.last_row:
            return 0
        return (self.last_row - self.first_row + 1) * (self.last_column - self.first_column + 1)

    def saw(self, row: int, column: int) -> None:
        self.first_row = min(self.first_row, row)
        self.last_row = max(self.last_row, row)
        self.first_column = min(self.first_column, column)
        self.last_column = max(self.last_column, column)


def inspect_workbook(stream: BinaryIO, limits: ReadLimits) -> SheetInspection:
    """Look at the archive and at its first visible sheet.

    Raises UnreadableFile for what is no workbook, is broken, or unpacks to more than the limits.
    """
    try:
        with ZipFile(stream) as archive:
            _check_sizes(archive, stream, limits)
            inspection = _inspect_sheet(archive, *_first_visible_sheet(archive))
    except _DAMAGE as error:
        raise UnreadableFile(N_("This workbook is damaged. Save it again as .xlsx.")) from error
    except RuntimeError as error:  # zipfile's word for a password or a packing that it lacks
        raise UnreadableFile(
            N_("This workbook has a password, or is packed in an unusual way. Save it again.")
        ) from error
    if inspection.dense_cells > limits.cells:
        raise UnreadableFile(
            N_(
                "The sheet reaches to row %(row)d and column %(column)d, more than can be read. "
                "Delete what lies far off, or split it up."
            ),
            row=inspection.last_row,
            column=inspection.last_column,
        )
    return inspection


def _check_sizes(archive: ZipFile, stream: BinaryIO, limits: ReadLimits) -> None:
    """First what the archive declares, then what it really unpacks to."""
    packed = stream.seek(0, 2)
    allowed = min(limits.unpacked_bytes, max(SMALL_BYTES, packed * limits.unpacked_ratio))
    if sum(part.file_size for part in archive.infolist()) > allowed:
        raise _too_large()
    unpacked = 0
    for part in archive.infolist():
        with archive.open(part) as content:
            while block := content.read(BLOCK_BYTES):
                unpacked += len(block)
                if unpacked > allowed:
                    raise _too_large()


def _too_large() -> UnreadableFile:
    return UnreadableFile(N_("This workbook unpacks to more than can be read. Split it up."))


def _first_visible_sheet(archive: ZipFile) -> tuple[int, str]:
    """The sheet's index and its name in the archive, by way of the workbook's relations."""
    sheets: list[Attributes] = []
    relations: dict[str, Attributes] = {}

    def in_workbook(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            sheets.append({key.rpartition(":")[2]: value for key, value in attributes.items()})

    def in_relations(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            relations[attributes["Id"]] = attributes

    _elements(archive, "xl/workbook.xml", in_workbook)
    _elements(archive, "xl/_rels/workbook.xml.rels", in_relations)
    for index, sheet in enumerate(sheets):
        relation = relations[sheet["id"]]
        if sheet.get("state", "visible") == "visible" and relation["Type"].endswith("/worksheet"):
            return index, posixpath.normpath(posixpath.join("/xl", relation["Target"])).lstrip("/")
    raise UnreadableFile(N_("This workbook has no sheet."))


def _inspect_sheet(archive: ZipFile, index: int, part: str) -> SheetInspection:
    """One pass over the sheet; millions of cells go through here, so blank ones cost one call."""
    seen = SheetInspection(index)
    parser = _parser()
    row = column = 0
    address = kind = ""

    def start(name: str, attributes: Attributes) -> None:
        nonlocal row, column, address, kind
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            address, kind = attributes.get("r", ""), attributes.get("t", "")
            column += 1
        elif name in ("v", "is"):
            seen.saw(*place())
            if kind == "str":  # computed, be it to an empty text
                seen.formulas_without_value.discard(place())
        elif name == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif name == "f":
            seen.saw(*place())
            seen.formulas_without_value.add(place())
            parser.CharacterDataHandler = None
            parser.EndElementHandler = end_in_formula_cell

    def place() -> tuple[int, int]:
        nonlocal row, column
        if match := _ADDRESS.fullmatch(address):
            row, column = int(match[2]), _column_number(match[1])
        return row, column

    def end_in_formula_cell(name: str) -> None:
        local = name.rpartition(":")[2]
        if local == "f":
            parser.CharacterDataHandler = text_of_formula_cell
        elif local == "c":
            parser.CharacterDataHandler = parser.EndElementHandler = None

    def text_of_formula_cell(text: str) -> None:
        if text.strip():
            seen.formulas_without_value.discard(place())

    parser.StartElementHandler = start
    _feed(parser, archive, part)
    return seen


@lru_cache(maxsize=1 << 15)
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _elements(archive: ZipFile, part: str, saw: Callable[[str, Attributes], None]) -> None:
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: saw(name.rpartition(":")[2], attributes)
    _feed(parser, archive, part)


def _parser() -> expat.XMLParserType:
    def refuse(*_: object) -> None:
        raise UnreadableFile(N_("This workbook is damaged. Save it again as .xlsx."))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    return parser


def _feed(parser: expat.XMLParserType, archive: ZipFile, part: str) -> None:
    with archive.open(part) as content:
        while block := content.read(BLOCK_BYTES):
            parser.Parse(block, False)
    parser.Parse(b"", True)
