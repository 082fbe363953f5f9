"""Whose data this session works on: the first wall (every ORM read) and the key to the second (row-level security).

A session works in exactly one organization. Every ORM statement on a table of an organization is filtered by it; a
statement without a scope is refused, not answered with everything. The same scope is told to PostgreSQL at the
begin of each transaction, where the policies refuse foreign writes (`docs/security.md`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, BindParameter, Executable, event, or_, text
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from models.base import ROLE, InBranch, InOrganization, db
from models.system.audit_event import AuditEvent

Statement = TypeVar("Statement", bound=Executable)
SCOPE = "scope"
IS_KEPT = "is_kept"
STATEMENT_SECONDS = "statement_seconds"
SET_SCOPE = text(
    "SELECT set_config('app.organization_id', :organization, true),"
    " set_config('app.customer_id', :customer, true)"
)
# In the same round trip: how long one statement of a page may take.
SET_SCOPE_OF_PAGE = text(f"{SET_SCOPE.text}, set_config('statement_timeout', :milliseconds, true)")


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts, and through which door (`ui`, `cli`, `api`, `job`, `import`, `portal`, `system`)."""

    kind: str = "system"
    id: int | None = None
    name: str | None = None
    source: str = "system"
    request_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One organization (and, in the portal, one customer; at a branch, its rows); or, for reading, all of them."""

    organization_id: int | None = None
    branch_id: int | None = None
    customer_id: int | None = None
    reads_all: bool = False
    actor: Actor = Actor()


class OutOfScope(RuntimeError):
    """A programming error: a statement on organizations' data without saying whose."""


def current_scope(session: Session | None = None) -> Scope:
    """The scope of this session; an empty one if none was entered."""
    scope = (session or db.session()).info.get(SCOPE)
    return scope if isinstance(scope, Scope) else Scope()


def enter(scope: Scope) -> None:
    """Work in this scope from now on (a request, a command, a job).

    Whoever works for one customer does so as the portal's database role, which sees nobody else's rows.
    """
    session = db.session()
    before = current_scope(session)
    role = "portal" if scope.customer_id is not None else None
    if role != session.info.get(ROLE) and session.in_transaction():
        raise OutOfScope("A transaction has one database role: end it before you change the door.")
    session.info[SCOPE] = scope
    session.info[ROLE] = role
    is_told = (before.organization_id, before.customer_id) == (
        scope.organization_id,
        scope.customer_id,
    )
    if session.in_transaction() and not is_told:
        _tell(session.connection(), scope)


def kept(statement: Statement) -> Statement:
    """Mark a statement that is made once and asked often, with values of its own for its `bindparam`s.

    What keeps it inside an organization is then added once too, so that neither is put together at each page.
    """
    return statement.execution_options(**{IS_KEPT: True})


def column_rows(statement: Executable, values: Mapping[str, Any]) -> Sequence[Any]:
    """What a statement of columns finds in this session, kept inside its organization as every other.

    Nothing is asked of what makes records, which is more than a half of SQLAlchemy's share of a page. There is always one
    organization, also where a session reads all of them.
    """
    session = db.session()
    scope = current_scope(session)
    if scope.organization_id is None:
        raise OutOfScope("No organization in scope for a statement of columns.")
    is_kept = statement.get_execution_options().get(IS_KEPT)
    put_inside = _kept_inside if is_kept else _inside
    inside = put_inside(statement, scope.organization_id, scope.branch_id)
    session.flush()  # what was changed here is found, as the ORM would
    return session.connection().execute(inside, values).all()


def unkept(statement: Statement) -> Statement:
    """One that goes on from a kept statement with a condition of this request, and is asked once."""
    return statement.execution_options(**{IS_KEPT: False})


def limit_statements(seconds: int) -> None:
    """Let no statement of this session take longer: for pages, whose reader waits. 0 is no limit."""
    db.session().info[STATEMENT_SECONDS] = seconds


@contextmanager
def acting_in(organization_id: int, *, actor: Actor | None = None) -> Iterator[None]:
    """Work in one organization for a while, for example in a job."""
    before = current_scope()
    enter(Scope(organization_id=organization_id, actor=actor or before.actor))
    try:
        yield
    finally:
        enter(before)


@contextmanager
def across_organizations() -> Iterator[None]:
    """Read the rows of all organizations for a while: sign-in, the timetable, the health page."""
    before = current_scope()
    enter(replace(before, reads_all=True))
    try:
        yield
    finally:
        enter(before)


def because(reason: str) -> None:
    """Say why, for the audit of what follows in this session."""
    scope = current_scope()
    enter(replace(scope, actor=replace(scope.actor, reason=reason)))


def _tell(connection: Any, scope: Scope, seconds: int = 0) -> None:
    told = {
        "organization": str(scope.organization_id or ""),
        "customer": str(scope.customer_id or ""),
    }
    if seconds:
        connection.execute(SET_SCOPE_OF_PAGE, {**told, "milliseconds": str(seconds * 1000)})
    else:
        connection.execute(SET_SCOPE, told)


def _on_begin(session: Session, transaction: Any, connection: Any) -> None:
    """What was told ended with the transaction before, so an empty scope needs no telling."""
    scope, seconds = current_scope(session), session.info.get(STATEMENT_SECONDS, 0)
    if scope.organization_id is None and scope.customer_id is None and not seconds:
        return
    told = {"app.organization_id": scope.organization_id, "app.customer_id": scope.customer_id}
    if seconds:
        told["statement_timeout"] = seconds * 1000
    if not connection.connection.driver_connection.begin_with(told):
        _tell(connection, scope, seconds)


def _on_execute(state: ORMExecuteState) -> None:
    if not (state.is_select or state.is_update or state.is_delete) or state.is_column_load:
        return
    scope = current_scope(state.session)
    if scope.reads_all and state.is_select:
        return
    organization_id = scope.organization_id
    if organization_id is None:
        touched = [m.class_ for m in state.all_mappers if issubclass(m.class_, InOrganization)]
        if touched:
            raise OutOfScope(f"No organization in scope for {touched[0].__name__}.")
        return
    put_inside = _kept_inside if state.execution_options.get(IS_KEPT) else _inside
    state.statement = put_inside(state.statement, organization_id, scope.branch_id)


def _inside(statement: Any, organization_id: int, branch_id: int | None) -> Any:
    return statement.options(*_filters(organization_id, branch_id))


_kept_inside = lru_cache(maxsize=2_000)(_inside)


class _Told(BindParameter[int]):
    """The organization that the filter is told.

    A statement has a copy of it at each of its tables. SQLAlchemy looks each up among the others at every request, and
    to compare two of its values it makes an expression of SQL and throws it away: 32 of them for the portal's first page.
    Their hashes say the same.
    """

    inherit_cache = True
    __hash__ = BindParameter.__hash__

    def __eq__(self, other: object) -> bool:  # type: ignore[override]  # no expression of SQL
        return hash(self) == hash(other)


@lru_cache(maxsize=500)
def _filters(organization_id: int, branch_id: int | None) -> tuple[ORMOption, ...]:
    """What keeps a statement inside; made once, since every statement has it."""
    told = _Told("organization", organization_id, type_=BigInteger(), unique=True)
    inside = with_loader_criteria(
        InOrganization,
        lambda cls: cls.organization_id == told,
        include_aliases=True,
    )
    audit = with_loader_criteria(
        AuditEvent,
        lambda cls: or_(cls.organization_id == told, cls.organization_id.is_(None)),
        include_aliases=True,
    )
    if branch_id is None:
        return inside, audit
    at_branch = with_loader_criteria(
        InBranch,
        lambda cls: or_(cls.branch_id == branch_id, cls.branch_id.is_(None)),
        include_aliases=True,
    )
    return at_branch, inside, audit


def _on_flush(session: Session, flush_context: Any, instances: Any) -> None:
    """New rows belong to the organization and the person in scope."""
    scope = current_scope(session)
    user_id = scope.actor.id if scope.actor.kind == "user" else None
    for record in session.new:
        if isinstance(record, InOrganization) and record.organization_id is None:
            if scope.organization_id is None:
                raise OutOfScope(f"No organization in scope for a new {type(record).__name__}.")
            record.organization_id = scope.organization_id
        if isinstance(record, InBranch) and record.branch_id is None:
            record.branch_id = scope.branch_id
        if hasattr(record, "created_by_id") and record.created_by_id is None:
            record.created_by_id = user_id
    for record in session.dirty:
        if hasattr(record, "updated_by_id") and session.is_modified(record):
            record.updated_by_id = user_id or record.updated_by_id


def install() -> None:
    """Listen to every session of this process; called once by `create_app`."""
    for name, listener in (
        ("after_begin", _on_begin),
        ("do_orm_execute", _on_execute),
        ("before_flush", _on_flush),
    ):
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)
