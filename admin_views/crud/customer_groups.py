"""Customer groups: their data, with the pages of their portal as tabs (S0-04)."""

from typing import Any

from admin_views.base import ModelScreen
from admin_views.portal_place import group_facts, group_tabs
from admin_views.registry import screen_for
from models.people.customer_group import CustomerGroup


@screen_for(CustomerGroup)
class CustomerGroupScreen(ModelScreen):
    """Customers who are treated alike."""

    def sections_of(self, record: Any) -> list[dict[str, Any]]:
        return group_tabs(record)

    def subtitle_of(self, record: Any) -> Any:
        return group_facts(record)
