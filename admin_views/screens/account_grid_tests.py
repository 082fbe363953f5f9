"""Testing the accounts of the grid: the ticked ones or all of a part, and how each test ends (X4-03)."""

from collections.abc import Collection

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.identity import current_staff
from admin_views.screens.account_grid import blueprint
from admin_views.screens.account_grid_form import chosen_people
from admin_views.screens.account_grid_part import Grid
from admin_views.screens.account_tabs import require_accounts
from jobs.checks import check_accounts
from models.base import db
from services.mailbox.account_states import Standing
from services.mailbox.checks import ask_check


@blueprint.post("/tests")
def ask_tests() -> ResponseReturnValue:
    """Have a worker test the accounts of the ticked people, or of everybody in this part."""
    require_accounts()
    grid = Grid()
    rows = grid.rows.chosen(grid.asked.choice)
    chosen = chosen_people()
    if request.form.get("all") != "1":
        rows = list(grid.rows.of(chosen).values())
    tested = {row.user.id: row.account for row in rows if row.account and row.account.is_active}
    if tested:
        ask_check(list(tested.values()), asked_by=current_staff().user.id)
        db.session.commit()
        check_accounts.enqueue()
        sentence = ngettext(
            "%(num)d account is being tested.", "%(num)d accounts are being tested.", len(tested)
        )
    else:
        sentence = _("None of these users has an account that could be tested.")
    if "HX-Request" in request.headers:
        return _badges(Grid(), tested, sentence)
    flash(sentence)
    return redirect(grid.url())


@blueprint.get("/tests")
def tests() -> ResponseReturnValue:
    """How the tests of these people's accounts stand; asked again while one is under way."""
    require_accounts()
    keys = {int(key) for key in request.args.get("keys", "").split(",") if key.isdecimal()}
    return _badges(Grid(), {key for key in keys if key < 10**18})


def _badges(grid: Grid, keys: Collection[int], sentence: str = "") -> str:
    rows = grid.shown(list(grid.rows.of(keys).values()))
    return render_template(
        "admin/mailbox/_badges.html",
        rows=rows,
        sentence=sentence,
        testing=[row.key for row in rows if row.standing is Standing.TESTING],
        arguments=grid.asked.arguments(),
    )
