"""How long 50,000 invoice lines take, and how much memory: CSV and XLSX, dry run and import.

Prints one JSON object; every figure is measured in a process of its own on an empty database.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from embedded.services import running_services
from services.system.database import prepare_database
from settings import Settings

LINES = 50_000
LINES_AN_INVOICE = 4
CUSTOMERS = 500
HEADER = [
    "series",
    "number",
    "customer_number",
    "issue_date",
    "due_date",
    "currency",
    "description",
    "quantity",
    "unit_price",
    "tax_rate",
]


def run(arguments: argparse.Namespace | None = None) -> dict[str, Any]:
    """The figures of this machine: seconds and MB of memory above an import of 2,000 lines."""
    lines = getattr(arguments, "lines", LINES)
    with tempfile.TemporaryDirectory(prefix="vt-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        env = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
        with running_services(folder / "data", env) as urls:
            env |= urls.as_environment()
            settings = Settings.from_env(env)
            prepare_database(settings.database_url, settings.logins())
            figures = {}
            for kind in ("csv", "xlsx"):
                small, full = folder / f"small.{kind}", folder / f"full.{kind}"
                write_sheet(small, kind, lines=min(2_000, lines), first=9_000_000)
                write_sheet(full, kind, lines=lines, first=1)
                base = _measured(env, small, f"{kind}0", dry_run=False)
                dry = _measured(env, full, kind, dry_run=True)
                real = _measured(env, full, kind, dry_run=False)
                figures[kind] = {
                    "lines": lines,
                    "dry_run_seconds": dry["seconds"],
                    "import_seconds": real["seconds"],
                    "lines_per_second": round(lines / real["seconds"]),
                    "memory_mb": real["memory_mb"],
                    "memory_mb_of_2000_lines": base["memory_mb"],
                    "created": real["created"],
                    "wrong": real["wrong"],
                }
    return {"benchmark": "imports", "ours": figures}


def write_sheet(path: Path, kind: str, *, lines: int, first: int) -> None:
    """A sheet of invoices; every customer is one of `CUSTOMERS`."""
    rows = (
        (
            "FV",
            str(first + at // LINES_AN_INVOICE),
            f"C{at // LINES_AN_INVOICE % CUSTOMERS}",
            date(2026, 1, 1) + timedelta(days=at // LINES_AN_INVOICE % 300),
            date(2026, 12, 31),
            "EUR",
            f"Cemento gris, saco de 50 kg, partida {at}",
            at % 60 + 1,
            round(at % 997 / 7, 2),
            21,
        )
        for at in range(lines)
    )
    if kind == "csv":
        with path.open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(HEADER)
            writer.writerows(rows)
        return
    workbook = xlsxwriter.Workbook(
        path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    )
    sheet = workbook.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    workbook.close()


def _measured(env: dict[str, str], file: Path, code: str, *, dry_run: bool) -> dict[str, Any]:
    words = [sys.executable, "-m", "benchmarks.imports", "--measure", str(file), code]
    done = subprocess.run(
        [*words, *(["--dry-run"] if dry_run else [])],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parent.parent,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _measure(file: Path, code: str, *, dry_run: bool) -> dict[str, Any]:
    """One import in this process, in an organization of its own."""
    from sqlalchemy import insert, select

    from app import create_app
    from models.base import db
    from models.people.customer import Customer
    from models.people.organization import Organization
    from models.tenancy import Actor, acting_in
    from services.people.staff import create_organization
    from services.system.imports.fields import ImportSubject
    from services.system.imports.run import run_import
    from services.system.imports.sheet import Sheet

    with create_app(Settings.from_env()).app_context():
        home = db.session.scalar(select(Organization).where(Organization.code == code))
        if home is None:
            home = create_organization(code, code)
            with acting_in(home.id):
                rows = [
                    {"organization_id": home.id, "number": f"C{at}", "name": f"Customer {at}"}
                    for at in range(CUSTOMERS)
                ]
                db.session.execute(insert(Customer), rows)
        db.session.commit()
        with acting_in(home.id, actor=Actor(kind="system", name="bench", source="cli")):
            began = time.monotonic()
            outcome = run_import(Sheet(file, file.name, ImportSubject.INVOICES), dry_run=dry_run)
            seconds = time.monotonic() - began
    return {
        "seconds": round(seconds, 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "created": outcome.counts.created,
        "wrong": outcome.wrong_rows,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--measure", nargs=2, metavar=("FILE", "CODE"), help=argparse.SUPPRESS)
    parser.add_argument("--dry-run", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        result = _measure(Path(asked.measure[0]), asked.measure[1], dry_run=asked.dry_run)
    else:
        result = run(asked)
    print(json.dumps(result))
