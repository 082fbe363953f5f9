"""The audit log."""

from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.filters import Filter, TextIs, WholeNumberIs
from admin_views.registry import screen_for
from models.system.audit_event import AuditEvent


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
