"""The audit log."""

from typing import Any

from flask_babel import lazy_gettext as _l

from admin_views.audit_words import action_word, entity_word, kind_word, source_word, who
from admin_views.base import ModelScreen
from admin_views.columns import Described
from admin_views.filters import Filter, TextIs, WholeNumberIs
from admin_views.formatters import formatter_of
from admin_views.registry import screen_for
from models.system.audit_event import AuditEvent

IN_WORDS = {
    "actor_name": who,
    "actor_kind": lambda event: kind_word(event.actor_kind),
    "source": lambda event: source_word(event.source),
    "entity": lambda event: entity_word(event.entity),
    "action": lambda event: action_word(event.action),
}


@screen_for(AuditEvent)
class AuditEventScreen(ModelScreen):
    """Who changed what; nobody changes it."""

    list_columns = ("at", "actor_name", "action", "entity", "entity_id", "source", "reason")

    def filters(self) -> dict[str, Filter]:
        own: dict[str, Filter] = {
            "entity": TextIs("entity", _l("Record")),
            "entity_id": WholeNumberIs("entity_id", _l("Key")),
            "actor_name": TextIs("actor_name", _l("Who")),
        }
        return {**own, **super().filters()}

    def cell_of(self, column: Described) -> Any:
        return IN_WORDS.get(column.name) or formatter_of(column)

    def record_context(self, record: Any) -> dict[str, Any]:
        """Called by what happened; an event has no history of its own."""
        name = (
            f"{action_word(record.action)}: {entity_word(record.entity)} {record.entity_id or ''}"
        )
        context = super().record_context(record)
        return {**context, "title": name.strip(), "page": name.strip(), "history": None}
