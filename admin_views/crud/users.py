"""Staff users: known in the whole installation, so only its administrators change them."""

from typing import Any

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.people.user import User


@screen_for(User)
class UserScreen(ModelScreen):
    """Others see their colleagues and change nothing: an address is a way into every organization."""

    bulk_columns = ("lang",)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.email_norm = record.email
