"""What a door does with a run that was begun: some records at once, many by a worker; and what it tells then."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from admin_views.bulk_rules import screen_named
from admin_views.identity import current_staff
from admin_views.reader_formats import number
from jobs.bulk import carry_out_bulk_run
from models.base import db
from models.system.bulk_run import BulkDeed, BulkRun
from services.system.bulk.begin import IN_THE_REQUEST
from services.system.bulk.runs import reasons_of

REASONS_TOLD = 5


def set_going(run: BulkRun, *, back: str) -> str:
    """Commit and have the run carried out; returns where to go now: `back` when it is done, else to its page."""
    db.session.commit()
    page = run_url(run)
    if run.rows_total > IN_THE_REQUEST:
        carry_out_bulk_run.enqueue(run.id)
        return page
    carry_out_bulk_run(run.id)
    db.session.refresh(run)
    _tell(run, page)
    return back


def run_url(run: BulkRun, page: str = "run") -> str:
    return url_for(f"bulk_runs.{page}", public_id=run.public_id)


def may_undo(run: BulkRun) -> bool:
    """Whether the present staff may take this back: their own, or anybody's for who may do everything."""
    staff = current_staff()
    own = run.created_by_id == staff.user.id
    return staff.rights.allows("bulk_run", "undo" if own else "undo_others")


def can_be_undone(run: BulkRun) -> bool:
    """Whether something was written that can be put back, and the present staff may do so."""
    if run.is_under_way or not run.rows_changed or not may_undo(run):
        return False
    if run.deed in {BulkDeed.VERB, BulkDeed.STATEMENT} and opposite_of(run) is None:
        return False
    return db.session.scalar(BulkRun.undone_by(run).limit(1)) is None


def opposite_of(run: BulkRun) -> str | None:
    """The verb that takes back what the run did."""
    screen: Any = screen_named(run.screen)
    verbs = {verb.name: verb.opposite for verb in screen.verbs} if screen is not None else {}
    return verbs.get(run.verb or "")


def flash_with_undo(text: str, run: BulkRun) -> None:
    """A toast with a way back, if there is one; `base.html` reads the category."""
    flash(text, f"undo:{run_url(run, 'undo')}" if can_be_undone(run) else "message")


def _tell(run: BulkRun, page: str) -> None:
    if run.problem:
        flash(run.problem, "error")
    if run.rows_changed:
        flash_with_undo(_done(run), run)
    elif not run.rows_refused and not run.problem:
        flash(_("There was nothing to change."))
    reasons = reasons_of(run, most=REASONS_TOLD)
    for place, (reason, count) in enumerate(reasons):
        text = ngettext("%(num)d not: %(why)s", "%(num)d not: %(why)s", count, why=reason)
        if place == len(reasons) - 1:
            link = Markup(' <a href="{}">{}</a>').format(page, _("See which"))
            flash(Markup.escape(text) + link, "error")
        else:
            flash(text, "error")


def _done(run: BulkRun) -> str:
    count = {"num": run.rows_changed, "count": number(run.rows_changed)}
    if run.undoes_id is not None:
        return str(
            ngettext("%(count)s record is as before.", "%(count)s records are as before.", **count)
        )
    if run.deed is BulkDeed.STATEMENT:
        return str(
            ngettext(
                "The statement of %(count)s customer is issued.",
                "The statements of %(count)s customers are issued.",
                **count,
            )
        )
    if run.deed is BulkDeed.VERB:
        return str(ngettext("%(count)s record done.", "%(count)s records done.", **count))
    return str(ngettext("%(count)s record changed.", "%(count)s records changed.", **count))
