"""Changes of many records: how far each is, what was refused, and the way back."""

from collections.abc import Iterator
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.bulk_rules import rules_of, screen_named
from admin_views.bulk_start import may_undo, opposite_of, run_url, set_going
from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.next_page import is_inside
from admin_views.reader_formats import language
from admin_views.screens import bulk_run_pages as pages
from admin_views.screens.bulk_run_words import title_of
from admin_views.shell import lead_to
from errors import Forbidden
from files.sheet_writing import csv_chunks
from models.base import db
from models.system.bulk_run import BulkRun, BulkRunRow
from models.tenancy import Scope, current_scope, enter
from services.system.bulk.begin import begin_undo
from services.system.bulk.runs import past_runs, refused_rows, run_with_public_id
from services.system.bulk.runs import stop as stop_run

blueprint = Blueprint("bulk_runs", __name__, url_prefix="/admin/bulk-runs")
PAST_A_PAGE = 50
ROWS_AT_ONCE = 1_000
MENU_PAGE = MenuPage(
    endpoint="bulk_runs",
    index_name="index",
    menu_path=(_l("System"), _l("Bulk changes")),
    menu_order=56,
    resource="bulk_run",
)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    _may("view")
    lead_to((_("System"), None), (_("Bulk changes"), None))
    page = max(request.args.get("page", 1, type=int), 1)
    found = db.paginate(past_runs(_screens()), page=page, per_page=PAST_A_PAGE, count=False)
    return render_template(
        "admin/bulk_runs/index.html",
        title=_("Bulk changes"),
        runs=pages.past_runs_page(found.items),
        newer=url_for(".index", page=page - 1) if page > 1 else None,
        older=url_for(".index", page=page + 1) if len(found.items) == PAST_A_PAGE else None,
    )


@blueprint.get("/<uuid:public_id>")
def run(public_id: UUID) -> ResponseReturnValue:
    _may("view")
    found = _find(public_id)
    lead_to((_("System"), None), (_("Bulk changes"), url_for(".index")), (title_of(found), None))
    return render_template(
        "admin/bulk_runs/run.html",
        run=found,
        **pages.run_page(found, page=request.args.get("page", 1, type=int)),
    )


@blueprint.get("/<uuid:public_id>/progress")
def progress(public_id: UUID) -> ResponseReturnValue:
    _may("view")
    found = _find(public_id)
    if not found.is_under_way:
        return Response(status=286, headers={"HX-Refresh": "true"})  # htmx stops asking
    return render_template(
        "admin/bulk_runs/_progress.html", job=pages.progress_of(found), run=found
    )


@blueprint.post("/<uuid:public_id>/undo")
def undo(public_id: UUID) -> ResponseReturnValue:
    """Put back what still stands as it was written; that is a run as well."""
    _may("undo")
    found = _find(public_id)
    _may_take_back(found)
    rules_of(found)  # whoever may not do it may not undo it
    begun = begin_undo(found, opposite=opposite_of(found), lang=language())
    return redirect(set_going(begun, back=_back(found)))


@blueprint.post("/<uuid:public_id>/stop")
def stop(public_id: UUID) -> ResponseReturnValue:
    _may("undo")
    found = _find(public_id)
    _may_take_back(found)
    stop_run(found)
    db.session.commit()
    return redirect(run_url(found))


@blueprint.get("/<uuid:public_id>/refused")
def refused(public_id: UUID) -> ResponseReturnValue:
    """Every record that was refused with the reason, as a file."""
    _may("view")
    found = _find(public_id)
    header = [_("Key"), _("Record"), _("Reason")]
    mark = "," if language() == "es" else "."
    rows = _refused_rows(found.id, current_scope())
    body = csv_chunks(header, rows, decimal_mark=mark)
    answer = Response(stream_with_context(body), content_type="text/csv; charset=utf-8")
    name = f"bulk-{found.id}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _refused_rows(run_id: int, scope: Scope) -> Iterator[list[str | int]]:
    """A thousand at a time, after the last one's key; memory stays flat."""
    enter(scope)  # the request's session ended when its answer began
    found = db.session.get_one(BulkRun, run_id)
    last = 0
    while True:
        query = refused_rows(found).limit(ROWS_AT_ONCE)
        rows = list(db.session.scalars(query.where(BulkRunRow.id > last)))
        if not rows:
            return
        for row, named in zip(rows, pages.with_names(found, rows), strict=True):
            yield [row.target_id, named.name, named.reason]
        last = rows[-1].id


def _find(public_id: UUID) -> BulkRun:
    """The run, if its records are for this reader."""
    found: BulkRun | None = db.session.scalar(run_with_public_id(public_id))
    if found is None or found.screen not in _screens():
        abort(404)
    return found


def _screens() -> list[str]:
    """The screens that this reader may open."""
    views = current_app.extensions["admin"][0].views
    return [view.endpoint for view in views if hasattr(view, "verbs") and view.allows("view")]


def _back(found: BulkRun) -> str:
    """Where one goes on: in the list that showed the toast, or on the run's page."""
    came_from = request.form.get("url", "").rstrip("?")
    screen = screen_named(found.screen)
    is_list = came_from.partition("?")[0] == screen.list_url and is_inside(came_from)
    return came_from if is_list else run_url(found)


def _may(action: str) -> None:
    current_staff().rights.require("bulk_run", action)


def _may_take_back(found: BulkRun) -> None:
    if not may_undo(found):
        raise Forbidden(_("Only who began it, or an administrator, can take it back."))
