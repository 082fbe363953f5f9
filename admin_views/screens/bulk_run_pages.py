"""What the pages of bulk changes show, in the reader's words and notation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_timedelta, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.bulk_rules import screen_named
from admin_views.bulk_start import can_be_undone, may_undo, run_url
from admin_views.columns import visible
from admin_views.history import word_of
from admin_views.reader_formats import number
from admin_views.screens.bulk_run_words import (
    plural_of,
    problem_of,
    reason_words,
    refused_title,
    summary_of,
    title_of,
)
from admin_views.screens.import_pages import Badge, Job, Kpi
from admin_views.screens.mailing_words import duration_words, period_words
from admin_views.screens.statement_runs import issued_url, period_of
from admin_views.within_sentence import within
from models.base import db, utc_now
from models.people.user import User
from models.system.bulk_run import BulkDeed, BulkRun, BulkRunRow, BulkRunState
from services.system.bulk.runs import reasons_of, refused_rows

REFUSED_A_PAGE = 50
BADGES = {
    BulkRunState.RUNNING: ("live", "loader-2"),
    BulkRunState.DONE: ("ok", "circle-check"),
    BulkRunState.STOPPED: ("warn", "player-stop"),
    BulkRunState.FAILED: ("bad", "alert-circle"),
}


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A row of the list of runs."""

    url: str
    title: str
    what: str
    who: str
    state: Badge
    at: datetime
    summary: str


@dataclass(frozen=True)
class Refused:
    """A record that was refused; without an address where it is gone, or not for this reader."""

    name: str
    url: str | None
    reason: str


def badge_of(run: BulkRun) -> Badge:
    """The state of a run; one that left records out says so by its colour."""
    tone, icon = BADGES[run.state]
    if run.state is BulkRunState.DONE and run.rows_refused:
        tone, icon = "warn", "alert-triangle"
    return Badge(tone=tone, icon=icon, word=str(BulkRunState.labels()[run.state]))


def past_runs_page(runs: Sequence[BulkRun]) -> list[PastRun]:
    """The rows of the list."""
    names = _names({run.created_by_id for run in runs})
    return [
        PastRun(
            url=run_url(run),
            title=title_of(run),
            what=": ".join(part for part in (plural_of(run), _fields(run)) if part),
            who=names.get(run.created_by_id) or _("The system"),
            state=badge_of(run),
            at=run.created_at,
            summary=problem_of(run) or summary_of(run),
        )
        for run in runs
    ]


def run_page(run: BulkRun, *, page: int) -> dict[str, Any]:
    """Title, figures, what was changed, refused records and links of the page of one run."""
    last = max(1, -(-run.rows_refused // REFUSED_A_PAGE))
    page = min(max(page, 1), last)
    undone = db.session.scalar(BulkRun.undone_by(run).limit(1))
    before = db.session.get(BulkRun, run.undoes_id) if run.undoes_id else None
    return {
        "title": f"{title_of(run)}: {within(plural_of(run))}",
        "subtitle": _subtitle(run),
        "state": badge_of(run),
        "problem": problem_of(run),
        "job": progress_of(run) if run.is_under_way else None,
        "kpis_of_run": () if run.is_under_way else _kpis(run),
        "changes": changes_of(run),
        "changes_title": _("Statements of account")
        if run.deed is BulkDeed.STATEMENT
        else _("New values"),
        "reasons": [(reason_words(run, each), _records(count)) for each, count in reasons_of(run)],
        "refused": refused_of(run, page),
        "refused_title": refused_title(run),
        "refused_words": _("Those without a statement")
        if run.deed is BulkDeed.STATEMENT
        else _("Those not changed"),
        "refused_url": run_url(run, "refused") if run.rows_refused else None,
        "pages_of_refused": _pages(run, page, last),
        "undo_url": run_url(run, "undo") if can_be_undone(run) else None,
        "stop_url": run_url(run, "stop") if run.is_under_way and may_undo(run) else None,
        "undone_by": (run_url(undone), undone.id) if undone else None,
        "undoes": (run_url(before), before.id) if before else None,
        "list_url": _list_url(run),
        "list_words": _("View those issued")
        if run.deed is BulkDeed.STATEMENT
        else _("To the list"),
        "is_for_list": run.deed is BulkDeed.STATEMENT and not run.is_under_way,
    }


def progress_of(run: BulkRun) -> Job:
    """How many records have had their turn, how fast it goes and how long it takes still."""
    total, done = run.rows_total, run.rows_done
    parts = [
        (tone, 100 * count / total if total else 0)
        for tone, count in (
            ("ok", run.rows_changed),
            ("idle", run.rows_unchanged),
            ("bad", run.rows_refused),
        )
    ]
    percent = 100 * done // total if total else 0
    seconds = (utc_now() - (run.started_at or run.created_at)).total_seconds()
    rate = done / seconds if seconds > 0 else 0
    return Job(
        id="progress",
        done=number(done),
        total=number(total),
        label=_("%(percent)d %% of the records have had their turn", percent=percent),
        parts=parts,
        facts=[
            (_("Speed"), _("%(rate)s a second", rate=number(round(rate))) if rate else "…", ""),
            (_("Time left"), duration_words(round((total - done) / rate)) if rate else "…", ""),
            (
                _("Not issued") if run.deed is BulkDeed.STATEMENT else _("Not changed"),
                number(run.rows_refused),
                "",
            ),
        ],
    )


def changes_of(run: BulkRun) -> list[tuple[str, str]]:
    """The fields with their new values, as far as this reader may see them."""
    screen = screen_named(run.screen)
    if run.deed is BulkDeed.STATEMENT:
        period = period_of(run)
        return [(_("Period"), period_words(period.first, period.last))]
    if screen is None or run.deed is BulkDeed.VERB:
        return []
    columns = visible(screen.model)
    seen = {n: columns[n] for n in run.changes if n in columns and screen.may_see(columns[n])}
    if run.undoes_id is not None:
        return [(str(column.label), _("as before")) for column in seen.values()]
    return [(str(c.label), word_of(run.changes[n], c) or _("(empty)")) for n, c in seen.items()]


def refused_of(run: BulkRun, page: int) -> list[Refused]:
    """One page of the records that were refused."""
    query = refused_rows(run).limit(REFUSED_A_PAGE).offset((page - 1) * REFUSED_A_PAGE)
    return with_names(run, list(db.session.scalars(query)))


def with_names(run: BulkRun, rows: Sequence[BulkRunRow]) -> list[Refused]:
    """The rows with the names of their records."""
    screen = screen_named(run.screen)
    names: dict[int, str] = {}
    if screen is not None and rows:
        keys = [row.target_id for row in rows]
        query = screen.scoped().where(screen.model.id.in_(keys)).options(*screen.loading())
        names = {record.id: str(record) for record in db.session.scalars(query).unique()}
    return [
        Refused(
            name=names.get(row.target_id) or f"# {row.target_id}",
            url=f"{screen.url}/details/?id={row.target_id}" if row.target_id in names else None,
            reason=reason_words(run, row.reason),
        )
        for row in rows
    ]


def _list_url(run: BulkRun) -> str | None:
    """The list with what the run made or changed."""
    if run.deed is BulkDeed.STATEMENT:
        return issued_url(run) if screen_named("statement") is not None else None
    screen = screen_named(run.screen)
    return screen.list_url if screen is not None else None


def _names(keys: set[int | None]) -> dict[int | None, str]:
    found = db.session.execute(select(User.id, User.name).where(User.id.in_(keys - {None})))
    return {row.id: row.name for row in found}


def _fields(run: BulkRun) -> str:
    if run.deed is BulkDeed.STATEMENT:
        return changes_of(run)[0][1]
    return within(", ".join(label for label, _value in changes_of(run)))


def _records(count: int) -> str:
    return str(ngettext("%(count)s record", "%(count)s records", count, count=number(count)))


def _subtitle(run: BulkRun) -> str:
    if run.is_under_way:
        return _("You can leave this page; the work continues.")
    who = _names({run.created_by_id}).get(run.created_by_id) or _("The system")
    started, ended = run.started_at or run.created_at, run.ended_at or run.updated_at
    took = format_timedelta(ended - started, granularity="second", threshold=1.5)
    return _("%(who)s, in %(time)s.", who=who, time=took)


def _kpis(run: BulkRun) -> list[Kpi]:
    waiting = run.rows_total - run.rows_done
    changed, unchanged, refused = _("Changed"), _("Was so already"), _("Not changed")
    if run.deed is BulkDeed.STATEMENT:
        changed, unchanged, refused = _("Issued now"), _("Issued before"), _("Not issued")
    return [
        Kpi(label=changed, value=number(run.rows_changed), icon="edit"),
        Kpi(label=unchanged, value=number(run.rows_unchanged), icon="equal"),
        Kpi(
            label=refused,
            value=number(run.rows_refused),
            icon="alert-circle",
            tone="bad" if run.rows_refused else "",
        ),
        Kpi(label=_("Not reached"), value=number(waiting), icon="clock-off"),
    ]


def _pages(run: BulkRun, page: int, last: int) -> dict[str, Any] | None:
    if last <= 1:
        return None

    def url(wanted: int) -> str | None:
        there = 1 <= wanted <= last and wanted != page
        return url_for("bulk_runs.run", public_id=run.public_id, page=wanted) if there else None

    return {
        "text": _("Page %(page)d of %(last)d", page=page, last=last),
        "first": url(1),
        "previous": url(page - 1),
        "next": url(page + 1),
        "last": url(last),
    }
