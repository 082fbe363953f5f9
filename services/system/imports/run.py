"""Carry out an import, or its dry run: the same work, thrown away at the end of each chunk instead of kept."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from models.base import db
from models.tenancy import acting_in, current_scope
from services.system.imports.customers import write_customers
from services.system.imports.fields import ImportSubject
from services.system.imports.invoices import write_invoices
from services.system.imports.outcome import Counts, Outcome
from services.system.imports.records import RECORDS_A_CHUNK, SheetRecord, in_chunks, together
from services.system.imports.sheet import Sheet, Survey, survey

logger = logging.getLogger(__name__)
TRIES = 3


@dataclass(frozen=True)
class Progress:
    """How far an import is: rows in all, chunks that are done, what came of them."""

    rows_total: int
    chunks: int
    counts: Counts


Report = Callable[[Progress], None]


def run_import(
    sheet: Sheet,
    *,
    dry_run: bool = False,
    create_groups: bool = False,
    report: Report | None = None,
    done: Progress | None = None,
    records_a_chunk: int = RECORDS_A_CHUNK,
) -> Outcome:
    """Import the sheet into the organization in scope; commits as it goes, some hundred records at a time.

    `report` is called in the transaction of each chunk (of a dry run: after it). With what was reported last as
    `done`, an import that was cut off goes on: chunks that are done are only looked at again for what is wrong in them.
    Raises Invalid, before anything is written, if the file cannot be used.
    """
    scope = current_scope()
    if scope.organization_id is None:
        raise ValueError("an import needs an organization in scope")
    actor = replace(scope.actor, source="import", reason=sheet.filename)
    with acting_in(scope.organization_id, actor=actor):
        found = survey(sheet)
        outcome = Outcome(done.counts.copy() if done else Counts())
        records = together(sheet.rows(found.mapping), found.rows_of)
        chunks = in_chunks(records, size=records_a_chunk)
        for number, chunk in enumerate(chunks, start=1):
            was_done = done is not None and number <= done.chunks
            counts = _write(chunk, found, sheet.subject, create_groups=create_groups)
            outcome.take_wrong(chunk)
            if not was_done:
                outcome.counts.add(counts)
            _end_chunk(
                keep=not dry_run and not was_done,
                report=None if was_done else report,
                progress=Progress(found.rows, number, outcome.counts.copy()),
            )
        outcome.counts.held_back = len(outcome.held_back)
        outcome.sort()
    logger.info(
        "%s %d rows of %s: %d created, %d updated, %d wrong",
        "looked at" if dry_run else "imported",
        outcome.counts.rows,
        sheet.subject.value,
        outcome.counts.created,
        outcome.counts.updated,
        outcome.wrong_rows,
    )
    return outcome


def _write(
    chunk: Sequence[SheetRecord], found: Survey, subject: ImportSubject, *, create_groups: bool
) -> Counts:
    """Write one chunk as far as the commit; once more if somebody else was faster with a record of it."""
    for tries_left in reversed(range(TRIES)):
        try:
            if subject is ImportSubject.CUSTOMERS:
                counts = write_customers(chunk, found, create_groups=create_groups)
            else:
                counts = write_invoices(chunk, found)
            db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        except (IntegrityError, OperationalError, StaleDataError):
            db.session.rollback()
            if not tries_left:
                raise
            for record in chunk:
                record.wrong.clear()
        else:
            counts.rows = sum(len(record.rows) for record in chunk)
            return counts
    raise AssertionError("a loop of tries ends by returning or raising")


def _end_chunk(*, keep: bool, report: Report | None, progress: Progress) -> None:
    if not keep:
        db.session.rollback()
    if report:
        report(progress)
    db.session.commit()
