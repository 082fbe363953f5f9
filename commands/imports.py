"""Import customers and invoices from a sheet."""

import os
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext as _

from commands.group import SentenceGroup, say
from errors import Invalid
from models.tenancy import acting_in
from services.people.staff import organization_with_code
from services.system.imports.fields import ImportSubject
from services.system.imports.outcome import Outcome
from services.system.imports.run import run_import
from services.system.imports.sheet import Sheet, unknown_headings
from services.system.imports.wrong_rows import write_wrong_rows

import_ = SentenceGroup("import", help="Import a sheet (CSV or XLSX).")
FILE = click.Path(path_type=Path)


@import_.command("customers")
@click.argument("file", type=FILE)
@click.option("--organization", "code", required=True)
@click.option("--create-groups", is_flag=True, help="Make the groups that are not known.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--wrong-file", type=FILE, help="Write the wrong rows here (.csv or .xlsx).")
@click.option("--json", "as_json", is_flag=True)
def import_customers(file: Path, code: str, create_groups: bool, **options: Any) -> None:
    """Make and change customers with their contacts, by number."""
    _import(ImportSubject.CUSTOMERS, file, code, create_groups=create_groups, **options)


@import_.command("invoices")
@click.argument("file", type=FILE)
@click.option("--organization", "code", required=True)
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--wrong-file", type=FILE, help="Write the wrong rows here (.csv or .xlsx).")
@click.option("--json", "as_json", is_flag=True)
def import_invoices(file: Path, code: str, **options: Any) -> None:
    """Post invoices, one row of the sheet per line."""
    _import(ImportSubject.INVOICES, file, code, **options)


def _import(
    subject: ImportSubject,
    file: Path,
    code: str,
    *,
    dry_run: bool,
    wrong_file: Path | None,
    as_json: bool,
    create_groups: bool = False,
) -> None:
    _refuse_bad_paths(file, wrong_file)
    sheet = Sheet(file, file.name, subject)
    with acting_in(organization_with_code(code).id):
        for heading in unknown_headings(sheet.columns()):
            click.echo(
                _("The column “%(heading)s” is not known and is left out.", heading=heading),
                err=True,
            )
        outcome = run_import(sheet, dry_run=dry_run, create_groups=create_groups)
        if wrong_file and outcome.wrong:
            with wrong_file.open("wb") as stream:
                as_csv = wrong_file.suffix.lower() != ".xlsx"
                write_wrong_rows(sheet, outcome, stream, as_csv=as_csv)
    say(outcome.for_programs(), as_json, _report(outcome, dry_run=dry_run))


def _refuse_bad_paths(file: Path, wrong_file: Path | None) -> None:
    """Before anything is imported: what cannot be read, and where nothing can be written."""
    if not file.is_file():
        raise Invalid(_("There is no file %(file)s.", file=str(file)))
    if wrong_file and (wrong_file.is_dir() or not os.access(wrong_file.absolute().parent, os.W_OK)):
        raise Invalid(_("%(file)s cannot be written.", file=str(wrong_file)))


def _report(outcome: Outcome, *, dry_run: bool) -> str:
    counts = outcome.counts
    first = _(
        "%(rows)d rows: %(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(wrong)d wrong rows.",
        rows=counts.rows,
        created=counts.created,
        updated=counts.updated,
        unchanged=counts.unchanged,
        wrong=outcome.wrong_rows,
    )
    lines = [
        _(
            "Line %(line)d, %(column)s: %(reason)s",
            line=cell.line,
            column=cell.column,
            reason=cell.reason,
        )
        for cell in outcome.wrong
    ]
    last = [_("Dry run: nothing was changed.")] if dry_run else []
    return "\n".join([first, *lines, *last])
