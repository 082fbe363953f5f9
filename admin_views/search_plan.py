"""How a search in a long table is run.

Under row-level security PostgreSQL may not use its statistics for LIKE, so it takes every term for a rare one of a
fixed kind: walking the order of the list for a rare term, or sorting all hits of a common one, costs half a second
in a million rows. So we look at the next rows of the list first: if they hold a page of hits, the term is common
there and the list is walked; if not, the trigram index finds the hits, and they are sorted.
"""

from typing import Any

from sqlalchemy import Select, Subquery, and_, func, select

from admin_views.list_arguments import ListArguments
from admin_views.listing import ESTIMATED_FROM, Count, placed, planned_rows
from admin_views.searching import hits, stored_folded
from models.base import db

LOOKED_AT = 4_000
MOST_SORTED = 200_000


def planned(asked: ListArguments) -> tuple[Select[Any], Count | None]:
    """The rows of the list, written so that a page of them is cheap, and their number if that is known already.

    The rows hold everything that the present page needs, though not always the pages after it.
    """
    model = asked.screen.model
    if not asked.search or not stored_folded(model):
        return asked.query, None
    window = _window(asked)
    counted = select(func.count(), func.count().filter(window.c.hit)).select_from(window)
    seen, found = db.session.execute(counted).one()
    if seen < LOOKED_AT or found > asked.screen.page_size:
        walked = asked.narrowed.join(window, window.c.id == model.id).where(window.c.hit)
        return walked, _estimate(asked, seen, found) if seen == LOOKED_AT else None
    keys = asked.query.with_only_columns(model.id).limit(MOST_SORTED)
    rare = keys.cte("hits").prefix_with("MATERIALIZED")
    return asked.narrowed.join(rare, rare.c.id == model.id), None


def _window(asked: ListArguments) -> Subquery:
    """The next rows of the list from its present position: their keys, and whether each is a hit."""
    model = asked.screen.model
    hit = and_(*hits(model, asked.search)).label("hit")
    columns = asked.narrowed.with_only_columns(model.id, hit)
    rows, _mark = placed(columns, model, asked.order, asked.position)
    return rows.limit(LOOKED_AT).subquery("looked_at")


def _estimate(asked: ListArguments, seen: int, found: int) -> Count | None:
    """What the next rows let expect for all of them; None for numbers that can be counted."""
    every = planned_rows(asked.narrowed.with_only_columns(asked.screen.model.id))
    number = every * found // seen
    return Count(number, "about") if number >= ESTIMATED_FROM else None
