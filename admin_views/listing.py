"""A page of a list by its key: first, previous, next, last cost the same however long the table is."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from sqlalchemy import ClauseElement, Executable, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles

from models.base import InBranch, InOrganization, db
from models.system.audit_event import AuditEvent
from models.tenancy import current_scope

ESTIMATED_FROM = 50_000
COUNTED_UP_TO = 10_000
SECONDS_REMEMBERED = 60
MOST_REMEMBERED = 2_000
LONGEST_MARK = 1_000  # a longer one could be nested too deep for the parser


@dataclass(frozen=True)
class Order:
    """By which column, and which way."""

    name: str
    is_descending: bool

    @classmethod
    def parse(cls, text: str) -> "Order":
        return cls(text.lstrip("-"), text.startswith("-"))

    def __str__(self) -> str:
        return ("-" if self.is_descending else "") + self.name


@dataclass(frozen=True)
class Position:
    """Where a page begins: after or before a row's mark, at the end, or (nothing said) at the beginning."""

    after: str | None = None
    before: str | None = None
    is_last: bool = False

    @property
    def goes_back(self) -> bool:
        return bool(self.before) or self.is_last


@dataclass(frozen=True)
class Page:
    """Some rows, and whether there are more on either side."""

    rows: list[Any]
    has_previous: bool
    has_next: bool
    first_mark: str | None
    last_mark: str | None


def page_of(
    query: Select[Any], model: type[Any], order: Order, position: Position, size: int
) -> Page:
    """The rows at this position. An index (organization, column, id) serves both directions."""
    back = position.goes_back
    query, mark = placed(query, model, order, position)
    rows = list(db.session.scalars(query.limit(size + 1)).unique().all())
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    return Page(
        rows=rows,
        has_previous=more if back else mark is not None,
        has_next=bool(position.before) if back else more,
        first_mark=_mark(rows[0], order) if rows else None,
        last_mark=_mark(rows[-1], order) if rows else None,
    )


def placed(
    query: Select[Any], model: type[Any], order: Order, position: Position
) -> tuple[Select[Any], Any]:
    """The query from its position on, in its order (turned round when one goes back), and the mark it begins at."""
    column, key = getattr(model, order.name), model.id
    descending = order.is_descending != position.goes_back
    mark = _read_mark(position.after or position.before, column)
    if mark is not None:
        row, limit = tuple_(column, key), tuple_(*mark)
        query = query.where(row < limit if descending else row > limit)
    keys = [column] if order.name == "id" else [column, key]
    return query.order_by(*(one.desc() if descending else one.asc() for one in keys)), mark


def _mark(row: Any, order: Order) -> str:
    value = getattr(row, order.name)
    if isinstance(value, datetime | date):
        value = value.isoformat()
    elif isinstance(value, Decimal):
        value = str(value)
    packed = json.dumps([value, row.id], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _read_mark(mark: str | None, column: Any) -> tuple[Any, Any] | None:
    """The place that a mark means; one that was tampered with means the beginning."""
    if not mark or len(mark) > LONGEST_MARK:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        python_type = column.type.python_type
        if python_type in (date, datetime):
            value = python_type.fromisoformat(value)
        else:
            value = python_type(value)
        return literal(value, column.type), literal(int(key))
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        return None


@dataclass(frozen=True)
class Count:
    """How many rows there are: `exact`, `about`, or `over` the given number."""

    number: int
    kind: str


_counts: dict[tuple[Any, ...], tuple[float, Count]] = {}


def remembered(meaning: tuple[Any, ...], count: Callable[[], Count]) -> Count:
    """A number that is only about right may be a minute old; exact ones are counted every time."""
    now = monotonic()
    until, kept = _counts.get(meaning, (0.0, None))
    if kept is not None and now < until:
        return kept
    found = count()
    if found.kind == "about":
        if len(_counts) >= MOST_REMEMBERED:
            _counts.clear()
        _counts[meaning] = (now + SECONDS_REMEMBERED, found)
    return found


class Explain(Executable, ClauseElement):
    """Asks the planner about a statement with its parameters."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(Explain)
def _explain(element: Explain, compiler: Any, **kw: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + str(compiler.process(element.statement, **kw))


def count_of(query: Select[Any], model: type[Any]) -> Count:
    """Exact up to some thousands; above, what the planner expects, which costs nothing."""
    keys = query.with_only_columns(model.id).order_by(None)
    expected = planned_rows(keys)
    if expected >= ESTIMATED_FROM:
        return Count(expected, "about")
    counted = select(func.count()).select_from(keys.limit(COUNTED_UP_TO + 1).subquery())
    number = db.session.scalar(counted) or 0
    return Count(COUNTED_UP_TO, "over") if number > COUNTED_UP_TO else Count(number, "exact")


def planned_rows(keys: Select[Any]) -> int:
    """How many rows the planner expects."""
    plan = db.session.connection().execute(Explain(in_scope(keys))).scalar()
    return int(plan[0]["Plan"]["Plan Rows"]) if plan else 0


def in_scope(query: Select[Any]) -> Select[Any]:
    """The query with the conditions of organization and branch written out, for statements that the ORM does not run."""
    entity = query.column_descriptions[0]["entity"]
    scope = current_scope()
    organization_id = scope.organization_id
    if issubclass(entity, InBranch) and scope.branch_id is not None:
        query = query.where(or_(entity.branch_id == scope.branch_id, entity.branch_id.is_(None)))
    if issubclass(entity, InOrganization):
        return query.where(entity.organization_id == organization_id)
    if issubclass(entity, AuditEvent):
        own = entity.organization_id == organization_id
        return query.where(or_(own, entity.organization_id.is_(None)))
    return query
