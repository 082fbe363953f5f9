"""What happened to a record, from the audit: who changed which field from what to what."""

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from admin_views import reader_formats as reader
from admin_views.audit_words import action_word, source_word, who
from admin_views.columns import Described, described
from admin_views.formatters import words_of
from admin_views.stored_files import file_of
from models.base import db
from models.states import state_word
from models.system.audit_event import AuditEvent

MOST_EVENTS = 8
ICONS = {
    "create": "plus",
    "update": "edit",
    "delete": "trash",
    "post": "file-check",
    "void": "ban",
    "attach": "upload",
    "detach": "trash",
}


def history_of(record: Any, may_see: Any) -> list[dict[str, Any]]:
    """The last events, as the timeline shows them; `may_see` is asked for every column."""
    model = type(record)
    query = AuditEvent.history_of(model.__tablename__, record.id).limit(MOST_EVENTS)
    by_key = _by_key(model)
    return [_told(record, event, by_key, may_see) for event in db.session.scalars(query).all()]


def _told(
    record: Any, event: AuditEvent, by_key: dict[str, Described], may_see: Any
) -> dict[str, Any]:
    actor = Markup("<strong>{}</strong>").format(who(event))
    text = {
        "create": _("%(who)s created it", who="{}"),
        "update": _("%(who)s changed it", who="{}"),
        "post": _("%(who)s posted it", who="{}"),
        "void": _("%(who)s voided it", who="{}"),
        "attach": _("%(who)s attached “%(file)s”", who="{}", file=_file_in(event.after)),
        "detach": _("%(who)s removed “%(file)s”", who="{}", file=_file_in(event.before)),
        "invite": _("%(who)s made an invitation", who="{}"),
        "offer_reset": _("%(who)s made a link for a new password", who="{}"),
        "set_password": _("A password was set by a link"),
    }.get(event.action, _("%(who)s: %(action)s", who="{}", action=action_word(event.action)))
    when = reader.ago(event.at)
    if event.source != "ui" and event.actor_kind == "user":
        when = f"{when} · {source_word(event.source)}"
    if event.reason:
        when = _("%(when)s · reason: %(reason)s", when=when, reason=event.reason)
    return {
        "icon": ICONS.get(event.action, "edit"),
        "text": Markup.escape(text).format(actor),
        "when": when,
        "moment": event.at,
        "changes": _changes(record, event, by_key, may_see) if event.action == "update" else [],
    }


def _file_in(side: dict[str, Any] | None) -> str:
    """The name of an attached file, safe to stand where the one who acts is filled in."""
    return str((side or {}).get("file", "")).replace("{", "{{").replace("}", "}}")


def _changes(
    record: Any, event: AuditEvent, by_key: dict[str, Described], may_see: Any
) -> list[tuple[str, str, str]]:
    changes = []
    for key in {**(event.before or {}), **(event.after or {})}:
        column = by_key.get(key)
        if column is None or not may_see(column):
            continue
        before, after = (event.before or {}).get(key), (event.after or {}).get(key)
        changes.append(
            (str(column.label), word_of(before, column, record), word_of(after, column, record))
        )
    return changes


def _by_key(model: type[Any]) -> dict[str, Described]:
    """Columns by the name under which the audit knows them: a relation by its key."""
    return {column_key(column): column for column in described(model).values()}


def column_key(column: Described) -> str:
    """The name under which the audit knows a column."""
    if column.relation is None:
        return column.name
    return str(next(iter(column.relation.local_columns)).key)


def _local(value: Any, kind: str) -> str | None:
    """A day or a moment as the reader writes it; None for anything else."""
    try:
        if kind == "date":
            return reader.day(date.fromisoformat(str(value)))
        return reader.moment(datetime.fromisoformat(str(value))) if kind == "moment" else None
    except ValueError:  # what an import or an older version wrote down
        return None


def word_of(value: Any, column: Described, record: Any = None) -> str:
    """A stored value for people; a key becomes the name of its record."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if column.relation is not None:
        target = column.relation.mapper.class_
        return str(db.session.get(target, value) or value)
    if column.kind == "list" and isinstance(value, list):
        return words_of(value, column)
    if column.kind == "file":
        file = file_of(record, value) if record is not None else None
        return file.name if file else _("A file")
    if column.enum is not None and value in {member.value for member in column.enum}:
        return str(state_word(column.enum(value)))
    text = _local(value, column.kind) or str(value)
    return text if len(text) <= 120 else text[:119] + "…"
