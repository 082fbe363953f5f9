"""Mail accounts and the suppression list."""

from typing import Any

from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.mailbox.mail_account import MailAccount
from services.mailbox.line_rules import check_lines


@screen_for(MailAccount)
class MailAccountScreen(ModelScreen):
    """Through which we send. The password can be written, never read."""

    instead_of_deleting = _l("Switch it off instead: then nothing leaves through it.")
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
