"""Audit by session events, so that jobs, imports, inline edits and commands are seen too (L-12)."""

import enum
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, event, inspect
from sqlalchemy.orm import Session

from models.base import Record, utc_now
from models.column_types import Secret
from models.system.audit_event import AuditEvent
from models.tenancy import current_scope

REDACTED = "•••"
NOT_TOLD = {
    "created_at",
    "updated_at",
    "version",
    "created_by_id",
    "updated_by_id",
    "organization_id",
}


def record_event(
    session: Session,
    *,
    entity: str,
    entity_id: int | None,
    action: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    organization_id: int | None = None,
) -> None:
    """Write one audit event by hand: for verbs (start, stop) and for bulk writes past the session."""
    row = _row(session, entity, entity_id, action, before, after)
    if organization_id is not None:
        row["organization_id"] = organization_id
    session.connection().execute(AuditEvent.__table__.insert().inline(), [row])


def record_events(
    session: Session,
    *,
    entity: str,
    action: str,
    after: Sequence[tuple[int, dict[str, Any]]],
    before: dict[str, Any] | None = None,
) -> None:
    """Write an audit event for each key and what its record holds now: for bulk writes.

    `before` is what all of them held before.
    """
    rows = [_row(session, entity, key, action, before, values) for key, values in after]
    if rows:
        session.connection().execute(AuditEvent.__table__.insert().inline(), rows)


def plain(value: Any) -> Any:
    """A column's value as JSON can hold it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def _row(
    session: Session,
    entity: str,
    entity_id: int | None,
    action: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> dict[str, Any]:
    scope = current_scope(session)
    actor = scope.actor
    return {
        "organization_id": scope.organization_id,
        "at": utc_now(),
        "created_at": utc_now(),
        "updated_at": utc_now(),
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "source": actor.source,
        "entity": entity,
        "entity_id": entity_id,
        "action": action,
        "before": before,
        "after": after,
        "reason": actor.reason,
        "request_id": actor.request_id,
    }


def told_columns(model: Any) -> list[tuple[str, bool]]:
    """The columns that the audit tells of, and whether it keeps their values to itself."""
    mapper = inspect(model)
    return [
        (attribute.key, isinstance(attribute.columns[0].type, Secret))
        for attribute in mapper.column_attrs
        if attribute.key not in NOT_TOLD and _is_entered(attribute.columns[0])
    ]


def _is_entered(column: Any) -> bool:
    """Whether somebody enters it; what the database works out (a generated column, an expression) tells nothing new."""
    return isinstance(column, Column) and column.computed is None


def _after_flush(session: Session, flush_context: Any) -> None:
    rows = []
    for records, action in (
        (session.new, "create"),
        (session.dirty, "update"),
        (session.deleted, "delete"),
    ):
        for record in records:
            if isinstance(record, Record) and record.__audited__:
                before, after = _sides(record, action)
                if before or after:
                    entity = type(record).__tablename__
                    row = _row(session, entity, record.id, action, before, after)
                    row["organization_id"] = getattr(
                        record, "organization_id", row["organization_id"]
                    )
                    rows.append(row)
    if rows:
        session.connection().execute(AuditEvent.__table__.insert().inline(), rows)


def _sides(record: Any, action: str) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state = inspect(record)
    for name, is_secret in told_columns(type(record)):
        history = state.attrs[name].history if action == "update" else None
        if history is not None:
            if not history.has_changes():
                continue
            before[name] = history.deleted[0] if history.deleted else None
            after[name] = history.added[0] if history.added else None
        else:
            side = before if action == "delete" else after
            side[name] = state.dict.get(name)
        for side in (before, after):
            if name in side:
                side[name] = REDACTED if is_secret and side[name] is not None else plain(side[name])
    if action == "create":
        after = {name: value for name, value in after.items() if value is not None}
    return before or None, after or None


def install() -> None:
    """Listen to every session of this process; called once by `create_app`."""
    if not event.contains(Session, "after_flush", _after_flush):
        event.listen(Session, "after_flush", _after_flush)
