"""Imports that people start on a screen: the upload, its columns, and what a worker then does with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select, update

from errors import Conflict, Invalid
from files.column_mapping import ColumnMapping, HeadingCode, map_columns
from files.date_cells import DateOrder
from files.source_rows import ReadLimits
from files.store import FileStore
from models.base import db, utc_now
from models.system.file import File
from models.system.import_run import ImportRun, ImportState
from services.system.imports.fields import FIELDS, ImportSubject
from services.system.imports.sheet import Sheet, header_sentence
from services.system.imports.wrong_rows import REASON_HEADINGS
from services.system.uploads import Upload, clean_name, keep

LARGEST_UPLOAD = ReadLimits().file_bytes
CSV, XLSX = "text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_COLUMNS = 300  # a person decides about each of them on one page
SAMPLES = 3
SAMPLED_ROWS = 200
LONGEST_SAMPLE = 40


@dataclass(frozen=True, kw_only=True)
class SheetColumn:
    """A column as a person decides about it; `field` is what it is read as, None: left out."""

    position: int
    heading: str
    samples: tuple[str, ...]
    field: str | None
    is_repeated: bool = False
    meant: str | None = None


def receive_upload(
    content: bytes, filename: str, *, subject: ImportSubject, store: FileStore, lang: str
) -> ImportRun:
    """Keep the file and begin an import; raises Invalid if it is too large or no sheet with a header."""
    name = clean_name(filename, unnamed="hoja.csv")
    if len(content) > LARGEST_UPLOAD:
        raise Invalid(_("A file may have %(most)d MB.", most=LARGEST_UPLOAD // 1_000_000))
    header = next(Sheet(content, name, subject).source_rows(), None)
    if header is None:
        raise Invalid(_("%(file)s is empty.", file=name), field="file")
    if len(header.cells) > MOST_COLUMNS:
        raise Invalid(_("A sheet may have %(most)d columns.", most=MOST_COLUMNS), field="file")
    media_type = XLSX if content.startswith(b"PK") else CSV
    file = keep_file(content, name, media_type=media_type, store=store)
    run = ImportRun(
        subject=subject.value, file_id=file.id, options={"filename": name, "lang": lang}
    )
    db.session.add(run)
    db.session.flush()
    return run


def keep_file(content: bytes, name: str, *, media_type: str, store: FileStore) -> File:
    """The row of this content, which is kept once an organization."""
    stored = store.put(content)
    return keep(Upload(stored.sha256, stored.size_bytes, media_type, name))


def sheet_of(run: ImportRun, store: FileStore) -> Sheet:
    """The sheet of an import, with what was decided about its columns."""
    file = db.session.get_one(File, run.file_id)
    source: Path | bytes = store.path(file.sha256) or store.read(file.sha256)
    order = run.options.get("date_order")
    return Sheet(
        source,
        run.options["filename"],
        ImportSubject(run.subject),
        chosen={int(position): field for position, field in run.mapping.items()} or None,
        date_order=DateOrder(order) if order else None,
    )


def columns_of(run: ImportRun, store: FileStore) -> list[SheetColumn]:
    """The columns of the sheet with what each is read as so far, and some of its cells."""
    sheet = sheet_of(run, store)
    rows = sheet.source_rows()
    header = next(rows)
    mapping = map_columns(header.cells, FIELDS[sheet.subject], chosen=sheet.chosen)
    samples: list[list[str]] = [[] for _cell in header.cells]
    for _row_number, row in zip(range(SAMPLED_ROWS), rows, strict=False):
        for seen, cell in zip(samples, row.cells, strict=False):
            text = str(cell).strip()[:LONGEST_SAMPLE]
            if text and text not in seen and len(seen) < SAMPLES:
                seen.append(text)
    rows.close()  # type: ignore[attr-defined]  # a generator: the file is closed now, not some time
    return _described([str(cell).strip() for cell in header.cells], samples, mapping)


def choose_columns(
    run: ImportRun,
    chosen: Mapping[int, str | None],
    *,
    store: FileStore,
    create_groups: bool = False,
    date_order: DateOrder | None = None,
) -> None:
    """Keep what a person decided; raises Invalid if a required field is missing or chosen twice."""
    refuse_unless(run, ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
    run.mapping = {str(position): field for position, field in sorted(chosen.items())}
    run.options = run.options | {
        "create_groups": create_groups,
        "date_order": date_order.value if date_order else None,
    }
    sheet = sheet_of(run, store)
    rows = sheet.source_rows()
    mapping = map_columns(next(rows).cells, FIELDS[sheet.subject], chosen=sheet.chosen)
    rows.close()  # type: ignore[attr-defined]  # as above
    if not mapping.is_usable:
        raise Invalid(header_sentence(mapping))


def start_check(run: ImportRun) -> None:
    """Have a worker look what an import would do; the door rings for it."""
    _start(run, ImportState.CHECKING)


def start_import(run: ImportRun) -> None:
    """Have a worker import what was looked at before."""
    refuse_unless(run, ImportState.CHECKED)
    _start(run, ImportState.IMPORTING)


def past_imports() -> Any:
    """The imports of the organization, the newest first."""
    return select(ImportRun).order_by(ImportRun.id.desc())


def import_with_public_id(public_id: UUID) -> Any:
    """The import that an address names."""
    return select(ImportRun).where(ImportRun.public_id == public_id)


def wrong_file_name(run: ImportRun) -> str:
    """What the file of the wrong rows is called."""
    name = str(run.options["filename"])
    return str(_("%(file)s, wrong rows.xlsx", file=name.rpartition(".")[0] or name))


def refuse_unless(run: ImportRun, *states: ImportState) -> None:
    """Raise Conflict if the import is in none of these states."""
    if run.state not in states:
        raise Conflict(_("This import is already under way or finished."))


def note(run_id: int, **values: Any) -> None:
    """Write down progress: no change that the audit tells of, nor one that a person could be in conflict with."""
    db.session.execute(
        update(ImportRun)
        .where(ImportRun.id == run_id)
        .values(**values, updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )


def _start(run: ImportRun, state: ImportState) -> None:
    run.change_state(state)
    run.problem = None
    run.wrong_file_id = None
    run.started_at = utc_now()
    run.ended_at = None
    db.session.flush()
    note(run.id, rows_done=0, outcome={})
    db.session.expire(run)


def _described(
    headings: Sequence[str], samples: Sequence[Sequence[str]], mapping: ColumnMapping
) -> list[SheetColumn]:
    fields = {position: name for name, position in mapping.columns.items()}
    problems = {problem.column: problem for problem in mapping.problems if problem.column}
    columns = []
    for position, heading in enumerate(headings):
        if (not heading and not samples[position]) or heading in REASON_HEADINGS:
            continue
        problem = problems.get(position + 1)
        repeated = problem is not None and problem.code is HeadingCode.DUPLICATE
        columns.append(
            SheetColumn(
                position=position,
                heading=heading or _("Column %(number)d", number=position + 1),
                samples=tuple(samples[position]),
                field=problem.field if problem and repeated else fields.get(position),
                is_repeated=repeated,
                meant=problem.field if problem and not repeated else None,
            )
        )
    return columns
