"""Everybody's mail accounts as one table: whose they are, what is typed, and what became of it (S4-10 to S4-17)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.database_sentences import sentence_of
from admin_views.identity import current_staff
from admin_views.screens import account_grid_page as shown
from admin_views.screens.account_grid_form import (
    chosen_people,
    typed_rows,
)
from admin_views.screens.account_grid_page import ShownRow
from admin_views.screens.account_grid_part import Grid
from admin_views.screens.account_grid_results import result_words, shown_results
from admin_views.screens.account_grid_words import subtitle, words_about
from admin_views.screens.account_tabs import (
    RESOURCE,
    account_tabs,
    account_trail,
    require_accounts,
)
from errors import AppError, Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.tenancy import current_scope, enter
from services.mailbox.account_cells import TypedRow
from services.mailbox.account_checking import CheckedRow, check_rows
from services.mailbox.account_rows import AccountRow
from services.mailbox.account_saving import Outcome, RowResult, lock_accounts, save_rows
from services.mailbox.account_states import Standing
from services.mailbox.address_pattern import PATTERNS
from services.mailbox.address_proposals import propose_addresses
from services.mailbox.cell_rules import readable
from services.mailbox.default_domain import keep_default_domain

blueprint = Blueprint("mail_accounts_grid", __name__, url_prefix="/addons/mail-accounts")
LISTED_PROBLEMS = 20
APPLIED = "apply-"


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The people of a department with their accounts."""
    require_accounts()
    return _page(Grid())


@blueprint.post("")
def accept() -> ResponseReturnValue:
    """Save, or do with what was typed what the button says and show it, not saved."""
    require_accounts()
    grid = Grid()
    domain = grid.read_domain()
    typed = typed_rows(grid.asked.columns)
    deed = request.form.get("do", "accept")
    if deed == "generate":
        return _generated(grid, typed)
    if deed == "apply":
        return _typed_over(grid, typed, _applied(typed))
    return _saved(grid, typed, domain)


def _saved(grid: Grid, typed: Sequence[TypedRow], domain: str | None) -> ResponseReturnValue:
    scope = current_scope()
    problem = grid.domain_problem
    results: list[RowResult] = []
    lock_accounts([row.user_id for row in typed])
    checked = checked_rows(grid, typed)
    if not problem:
        try:
            results = _written(grid, checked, domain)
            db.session.commit()
        except AppError as refused:
            problem = refused.message
        except StaleDataError:
            problem = _("Somebody else changed it at the same moment. Save again.")
        except DBAPIError as refused:
            problem = sentence_of(refused, MailAccount)
    if problem:
        db.session.rollback()
        enter(scope)
        grid, results = Grid(), []
        grid.read_domain()
        checked = checked_rows(grid, typed)
    return _page(grid, typed=_still_typed(checked, results), results=results, problem=problem)


def _written(grid: Grid, checked: Sequence[CheckedRow], domain: str | None) -> list[RowResult]:
    """Rows and default domain, together or, where that was chosen, the rows that can be."""
    only_valid = request.form.get("only_valid") == "1"
    results = save_rows(checked, only_valid=only_valid)
    if domain is not None and (only_valid or all(each.can_be_saved for each in checked)):
        keep_default_domain(grid.department, domain)
    return results


def _still_typed(
    checked: Sequence[CheckedRow], results: Sequence[RowResult]
) -> dict[int, CheckedRow]:
    """What was typed and is not saved, by person."""
    saved = {r.checked.row.user.id for r in results if r.outcome is Outcome.SAVED}
    return {
        each.row.user.id: each
        for each in checked
        if each.is_changed and each.row.user.id not in saved
    }


def checked_rows(grid: Grid, typed: Sequence[TypedRow]) -> list[CheckedRow]:
    rows = grid.rows.of([row.user_id for row in typed])
    may_create = current_staff().rights.allows(RESOURCE, "create")
    return check_rows(typed, rows, may_create=may_create)


def _generated(grid: Grid, typed: Sequence[TypedRow]) -> ResponseReturnValue:
    """Without script: the proposed addresses stand in their cells, not saved."""
    people = grid.rows.chosen(grid.asked.choice)
    try:
        proposed = propose_addresses(
            people, request.form.get("pattern", ""), typed=typed, wanted=chosen_people()
        )
    except Invalid as problem:
        return _typed_over(grid, typed, {}, problem=problem.message)
    return _typed_over(grid, typed, {key: {"address": text} for key, text in proposed.items()})


def _applied(typed: Sequence[TypedRow]) -> dict[int, dict[str, str]]:
    """Without script: the cells of the bar, in every ticked row; empty ones leave theirs alone."""
    filled = {
        name.removeprefix(APPLIED): text
        for name, text in request.form.items()
        if name.startswith(APPLIED) and text
    }
    for key, _name, cells in shown.provider_choices():
        if key == filled.get("provider"):
            filled = cells | filled
    filled.pop("provider", None)
    chosen = chosen_people()
    return {row.user_id: filled for row in typed if row.user_id in chosen}


def _typed_over(
    grid: Grid,
    typed: Sequence[TypedRow],
    cells: Mapping[int, Mapping[str, str]],
    *,
    problem: str = "",
) -> ResponseReturnValue:
    """The page with these cells typed over."""
    columns = grid.asked.columns
    rows = [
        TypedRow(
            user_id=row.user_id,
            made_from=row.made_from,
            prints=row.prints,
            forgets=row.forgets,
            cells={
                **row.cells,
                **{n: text for n, text in cells.get(row.user_id, {}).items() if n in columns},
            },
        )
        for row in typed
    ]
    checked = {each.row.user.id: each for each in checked_rows(grid, rows) if each.is_changed}
    return _page(grid, typed=checked, problem=problem, chosen=chosen_people(), status=200)


def _page(
    grid: Grid,
    *,
    typed: Mapping[int, CheckedRow] | None = None,
    results: Sequence[RowResult] = (),
    problem: str = "",
    chosen: Collection[int] = (),
    status: int | None = None,
) -> ResponseReturnValue:
    typed = typed or {}
    names = grid.asked.columns
    rows = _rows_of(grid, typed)
    people = grid.shown(rows, typed, chosen)
    account_trail()
    department = grid.department.name if grid.department else _("All departments")
    is_refused = bool(problem) or any(not each.can_be_saved for each in typed.values())
    page = render_template(
        "admin/mailbox/grid.html",
        title=_("Set up mail accounts"),
        subtitle=subtitle(department, [row.standing for row in people]),
        tabs=account_tabs(
            "incoming" if grid.asked.side == "incoming" else "accounts", grid.asked.arguments()
        ),
        side=grid.asked.side,
        choice=grid.asked.choice,
        departments=shown.department_choices(grid.tree, grid.asked),
        columns=shown.columns_of(names),
        rows=people,
        has_seldom=_wants_seldom(people),
        patterns=PATTERNS,
        providers=shown.provider_choices(),
        results=shown_results(results),
        result_words=result_words(results),
        is_saved=bool(results) and not is_refused,
        is_partly=any(each.outcome is Outcome.SAVED for each in results),
        is_typed=bool(typed),
        problem=problem,
        problems=_listed(typed, names),
        good=sum(each.is_changed and each.can_be_saved for each in typed.values()),
        page_url=grid.url(),
        arguments=grid.asked.arguments(),
        testing=[row.key for row in people if row.standing is Standing.TESTING],
        **_domain(grid),
    )
    refused = 422 if is_refused else 200
    return page, status or refused


def _rows_of(grid: Grid, typed: Mapping[int, CheckedRow]) -> list[AccountRow]:
    """The part that is asked for, and what was typed and would not be in it any more."""
    rows = grid.rows.chosen(grid.asked.choice)
    if grid.asked.side == "incoming":
        rows = [row for row in rows if row.account]
    there = {row.user.id for row in rows}
    missing = grid.rows.of([key for key in typed if key not in there])
    return [*rows, *missing.values()]


def _domain(grid: Grid) -> dict[str, Any]:
    own = grid.domains.own_of(grid.level)
    text = grid.domain_text if grid.domain_text is not None else readable(f"@{own}").lstrip("@")
    above = grid.tree.above(grid.level)[1:]
    inherited = grid.domains.of(None, above[0] if above else None)
    return {
        "domain": text,
        "inherited_domain": readable(f"@{inherited}").lstrip("@") if grid.department else "",
        "domain_problem": grid.domain_problem,
    }


def _wants_seldom(rows: Sequence[ShownRow]) -> bool:
    """Whether a column that is folded away holds something to look at."""
    return any(
        row.problems.get(name) or row.doubts.get(name) or name in row.typed
        for row in rows
        for name in shown.SELDOM
    )


def _listed(typed: Mapping[int, CheckedRow], names: Sequence[str]) -> list[tuple[str, str, str]]:
    """The first problems as (place on the page, whose, sentence)."""
    labels = {column.name: column.label for column in shown.columns_of(names)}
    found = [
        (f"c-{key}-{name}", f"{each.row.user.name}, {labels.get(name, name)}", sentence)
        for key, each in typed.items()
        for name, sentence in each.problems.items()
    ]
    found += [
        (f"row-{key}", each.row.user.name, words_about(each.somebody_else))
        for key, each in typed.items()
        if each.somebody_else
    ]
    return found[:LISTED_PROBLEMS]
