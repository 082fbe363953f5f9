"""Deliveries, to look up what became of a message."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from admin_views.base import ModelScreen
from admin_views.columns import Described
from admin_views.formatters import NOTHING, formatter_of
from admin_views.registry import screen_for
from admin_views.screens.mailing_recipient import roles_words
from admin_views.screens.mailing_words import size_words
from admin_views.state_badges import state_badge
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState

KINDS = {
    DeliveryKind.BULK: _l("Mailing"),
    DeliveryKind.SINGLE: _l("Single message"),
    DeliveryKind.NOTICE: _l("Notice"),
    DeliveryKind.REPLY: _l("Reply"),
    DeliveryKind.TEST: _l("Test"),
    DeliveryKind.REHEARSAL: _l("Rehearsal"),
}
STATE = Described("state", _l("State"), {}, DeliveryState.__table__.c.state)


@screen_for(Delivery)
class DeliveryScreen(ModelScreen):
    """One row a message; its state stands in a table of its own."""

    list_columns = ("recipient", "customer", "subject", "state", "created_at")

    def extra_columns(self) -> dict[str, Described]:
        return {"state": STATE}

    def loading(self) -> list[Any]:
        return [*super().loading(), joinedload(Delivery.state_row)]

    def cell_of(self, column: Described) -> Any:
        by_name = {
            "kind": lambda delivery: KINDS[delivery.kind],
            "state": lambda delivery: state_badge(delivery.state_row.state),
            "contact_role": lambda delivery: roles_words(delivery.contact_role) or NOTHING,
            "size_bytes": lambda delivery: size_words(delivery.size_bytes),
        }
        return by_name.get(column.name) or formatter_of(column)

    def export_value(self, column: Described) -> Any:
        if column.name == "state":
            return lambda delivery: str(delivery.state_row.state.value)
        return super().export_value(column)
