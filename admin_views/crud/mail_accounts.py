"""Mail accounts and the suppression list."""

from typing import Any

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.mailbox.mail_account import MailAccount
from services.mailbox.line_rules import check_lines


@screen_for(MailAccount)
class MailAccountScreen(ModelScreen):
    """Through which we send. The password can be written, never read."""

    # Server, login and encryption belong together, and to one password.
    bulk_columns = (
        "display_name",
        "reply_to",
        "connections",
        "wants_burst",
        "per_second",
        "per_minute",
        "per_hour",
        "per_day",
        "is_active",
    )

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.address_norm = record.address
        written = "password" in form._fields and bool(form.password.data)
        check_lines(record, has_new_password=written)
