"""What the grid asks while one types: what is wrong or odd, addresses from names, servers from addresses."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from admin_views.identity import current_staff
from admin_views.screens.account_grid import blueprint, checked_rows
from admin_views.screens.account_grid_form import chosen_people, typed_rows
from admin_views.screens.account_grid_part import Grid
from admin_views.screens.account_tabs import require_accounts
from errors import Invalid
from extensions import limiter
from services.mailbox.address_proposals import propose_addresses
from services.mailbox.cell_rules import readable
from services.mailbox.server_proposals import propose_servers

PER_STAFF = "60 per minute"  # of what asks the network


def _who() -> str:
    return f"staff:{current_staff().user.id}"


@blueprint.post("/cells")
def check() -> ResponseReturnValue:
    """What is wrong or odd in these rows, for the cells that are being typed into; saves nothing."""
    require_accounts()
    grid = Grid()
    grid.read_domain()
    checked = checked_rows(grid, typed_rows(grid.asked.columns))
    return {
        str(each.row.user.id): {
            **{name: {"tone": "bad", "text": text} for name, text in each.problems.items()},
            **{
                name: {
                    "tone": "warn",
                    "text": doubt.sentence,
                    "cure": doubt.cure,
                    "words": doubt.cure_words,
                }
                for name, doubt in each.doubts.items()
            },
        }
        for each in checked
    }


@blueprint.post("/addresses")
def addresses() -> ResponseReturnValue:
    """Addresses made of names, to look at before any is taken (S4-11)."""
    require_accounts()
    grid = Grid()
    grid.read_domain()
    typed = typed_rows(grid.asked.columns)
    people = grid.rows.chosen(grid.asked.choice)
    pattern = request.form.get("pattern", "")
    problem, proposed = "", {}
    try:
        proposed = propose_addresses(people, pattern, typed=typed, wanted=chosen_people())
    except Invalid as refused:
        problem = refused.message
    names = {row.user.id: row.user.name for row in people}
    return render_template(
        "admin/mailbox/_proposals.html",
        proposals=[(key, names[key], readable(address)) for key, address in proposed.items()],
        problem=problem,
        has_domain=any(row.domain for row in people),
    )


@blueprint.post("/servers")
@limiter.limit(PER_STAFF, key_func=_who)
def servers() -> ResponseReturnValue:
    """The cells that fill an empty server, for rows with an address (X4-04); asks the network, saves nothing."""
    require_accounts()
    grid = Grid()
    grid.read_domain()
    typed = typed_rows(grid.asked.columns)
    rows = grid.rows.of([row.user_id for row in typed])
    domains = {key: row.domain for key, row in rows.items()}
    proposed = propose_servers([row for row in typed if row.user_id in rows], domains)
    return {str(key): cells for key, cells in proposed.items()}
