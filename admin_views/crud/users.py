"""Staff users: known in the whole installation, so only its administrators change them."""

from typing import Any

from admin_views.base import ModelScreen
from admin_views.identity import current_staff
from admin_views.registry import screen_for
from models.people.user import User


@screen_for(User)
class UserScreen(ModelScreen):
    """Others see their colleagues and change nothing: an address is a way into every organization."""

    def allows(self, action: str, field: str | None = None) -> bool:
        if action == "edit" and not current_staff().user.is_global_admin:
            return False
        return super().allows(action, field)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.email_norm = record.email
