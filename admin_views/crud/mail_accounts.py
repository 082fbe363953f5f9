"""Mail accounts and the suppression list."""

from typing import Any

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.mailbox.mail_account import MailAccount


@screen_for(MailAccount)
class MailAccountScreen(ModelScreen):
    """Through which we send. The password can be written, never read."""

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.address_norm = record.address
