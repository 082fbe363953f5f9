"""What the pages of an import show, in the reader's words and notation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, url_for
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _

from admin_views.reader_formats import moment, number
from models.system.import_run import ImportRun, ImportState
from services.system.imports.fields import ImportSubject
from services.system.imports.outcome import Counts

UNDER_WAY = (ImportState.CHECKING, ImportState.IMPORTING)
WRONG_A_PAGE = 50
MADE_SHOWN = 10
DETAILS = {
    ImportSubject.CUSTOMERS: ("customer.details_view", "customer.index_view"),
    ImportSubject.INVOICES: ("invoice.details_view", "invoice.index_view"),
}
BADGES = {
    ImportState.UPLOADED: ("", "upload"),
    ImportState.CHECKING: ("live", "loader-2"),
    ImportState.CHECKED: ("info", "file-check"),
    ImportState.IMPORTING: ("live", "loader-2"),
    ImportState.IMPORTED: ("ok", "circle-check"),
    ImportState.FAILED: ("bad", "alert-circle"),
}


@dataclass(frozen=True, kw_only=True)
class Badge:
    """A state as a badge shows it."""

    tone: str
    icon: str
    word: str


@dataclass(frozen=True, kw_only=True)
class PastImport:
    """A row of the list of imports."""

    url: str
    filename: str
    subject: str
    state: Badge
    when: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class Kpi:
    """A figure with its word."""

    label: str
    value: str
    icon: str
    tone: str = ""


@dataclass(frozen=True, kw_only=True)
class Job:
    """How far an import is, as the live part shows it."""

    id: str
    done: str
    total: str
    label: str
    parts: Sequence[tuple[str, float]]
    facts: Sequence[tuple[str, str, str]] = field(default=())


def badge_of(run: ImportRun) -> Badge:
    """The state of an import; one that left rows out says so by its colour."""
    tone, icon = BADGES[run.state]
    if run.state is ImportState.IMPORTED and run.outcome.get("wrong_rows"):
        tone, icon = "warn", "alert-triangle"
    return Badge(tone=tone, icon=icon, word=str(ImportState.labels()[run.state]))


def past_import(run: ImportRun, url: str) -> PastImport:
    """One row of the list."""
    counts = _counts(run)
    summary = run.problem or ""
    if not summary and "wrong_rows" in run.outcome:
        summary = _(
            "%(created)s created, %(updated)s updated",
            created=number(counts.created),
            updated=number(counts.updated),
        )
        wrong = run.outcome["wrong_rows"]
        if wrong:
            rows = ngettext("%(n)s wrong row", "%(n)s wrong rows", wrong, n=number(wrong))
            summary = f"{summary} · {rows}"
    return PastImport(
        url=url,
        filename=run.options["filename"],
        subject=str(ImportSubject.labels()[ImportSubject(run.subject)]),
        state=badge_of(run),
        when=moment(run.created_at),
        summary=summary,
    )


def import_page(run: ImportRun, *, page: int) -> dict[str, Any]:
    """Title, figures, wrong rows and links of the page of one import."""
    subject = ImportSubject(run.subject)
    is_real = run.state is ImportState.IMPORTED
    counts = _counts(run)
    wrong = run.outcome.get("wrong", [])
    page = min(max(page, 1), max(1, -(-len(wrong) // WRONG_A_PAGE)))
    details, listing = DETAILS[subject]
    return {
        "title": _title(run),
        "subtitle": _subtitle(run, counts),
        "step": 4 if run.state in (ImportState.IMPORTING, ImportState.IMPORTED) else 3,
        "state": badge_of(run),
        "job": progress_of(run) if run.state in UNDER_WAY else None,
        "kpis_of_run": _kpis(run, counts, is_real=is_real) if run.state not in UNDER_WAY else (),
        "wrong": wrong[(page - 1) * WRONG_A_PAGE : page * WRONG_A_PAGE],
        "wrong_title": ngettext(
            "%(num)d row cannot be imported",
            "%(num)d rows cannot be imported",
            run.outcome.get("wrong_rows", 0),
        ),
        "wrong_kept": len(wrong),
        "wrong_cells": run.outcome.get("wrong_cells", 0),
        "pages_of_wrong": _pages(run, page, len(wrong)),
        "import_label": _import_label(subject, counts.created + counts.updated),
        "made": [(made.name, _url(details, id=made.id)) for made in counts.made[:MADE_SHOWN]]
        if is_real
        else [],
        "made_count": counts.created + counts.updated,
        "made_shown": number(counts.created + counts.updated),
        "list_url": _url(listing),
    }


def progress_of(run: ImportRun) -> Job:
    """How many rows are done."""
    total = run.rows_total or 0
    percent = 100 * run.rows_done / total if total else 0
    counts = _counts(run)
    return Job(
        id="progress",
        done=number(run.rows_done),
        total=number(total) if total else "…",
        label=_("%(percent)d %% of the rows are done", percent=percent),
        parts=[("live", percent)],
        facts=[
            (_("Added"), number(counts.created), ""),
            (_("Changed"), number(counts.updated), ""),
            (_("Unchanged"), number(counts.unchanged), ""),
        ],
    )


def _counts(run: ImportRun) -> Counts:
    return Counts.of(run.outcome["counts"]) if "counts" in run.outcome else Counts()


def _title(run: ImportRun) -> str:
    names = {
        ImportState.CHECKING: _("Dry run: %(file)s", file=run.options["filename"]),
        ImportState.CHECKED: _("Dry run: %(file)s", file=run.options["filename"]),
    }
    return str(names.get(run.state) or _("Import: %(file)s", file=run.options["filename"]))


def _subtitle(run: ImportRun, counts: Counts) -> str:
    if run.state in UNDER_WAY:
        return str(_("You can leave this page; the work continues."))
    if run.state is ImportState.FAILED or run.ended_at is None or run.started_at is None:
        return ""
    took = format_timedelta(run.ended_at - run.started_at, granularity="second", threshold=1.5)
    sentence = ngettext(
        "%(rows)s row read in %(time)s.",
        "%(rows)s rows read in %(time)s.",
        counts.rows,
        rows=number(counts.rows),
        time=took,
    )
    last = _("Nothing has been changed yet.") if run.state is ImportState.CHECKED else ""
    return f"{sentence} {last}".strip()


def _import_label(subject: ImportSubject, count: int) -> str:
    """The button, with how many there are; nothing if there is nothing to import."""
    if not count:
        return ""
    if subject is ImportSubject.CUSTOMERS:
        return str(
            ngettext(
                "Import %(count)s customer",
                "Import %(count)s customers",
                count,
                count=number(count),
            )
        )
    return str(
        ngettext(
            "Import %(count)s invoice", "Import %(count)s invoices", count, count=number(count)
        )
    )


def _kpis(run: ImportRun, counts: Counts, *, is_real: bool) -> list[Kpi]:
    wrong = run.outcome.get("wrong_rows", 0)
    return [
        Kpi(
            label=_("Added") if is_real else _("To be added"),
            value=number(counts.created),
            icon="plus",
        ),
        Kpi(
            label=_("Changed") if is_real else _("To be changed"),
            value=number(counts.updated),
            icon="edit",
        ),
        Kpi(label=_("Unchanged"), value=number(counts.unchanged), icon="equal"),
        Kpi(
            label=_("Wrong rows"),
            value=number(wrong),
            icon="alert-circle",
            tone="bad" if wrong else "",
        ),
    ]


def _pages(run: ImportRun, page: int, kept: int) -> dict[str, Any] | None:
    last = -(-kept // WRONG_A_PAGE)
    if last <= 1:
        return None

    def url(wanted: int) -> str | None:
        there = 1 <= wanted <= last and wanted != page
        return url_for("imports.run", public_id=run.public_id, page=wanted) if there else None

    return {
        "text": _("Page %(page)d of %(last)d", page=page, last=last),
        "first": url(1),
        "previous": url(page - 1),
        "next": url(page + 1),
        "last": url(last),
    }


def _url(endpoint: str, **values: Any) -> str | None:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None
