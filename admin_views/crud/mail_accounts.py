"""Mail accounts and the suppression list."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from admin_views.base import ModelScreen
from admin_views.crud.account_people import people_table
from admin_views.registry import screen_for
from errors import Invalid
from models.mailbox.mail_account import MailAccount, MailSecurity
from services.mailbox.account_grants import settle_owner
from services.mailbox.accounts import is_near_host


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

    def prefill(self, form: Any) -> None:
        """A new one is everybody's until somebody is named."""
        form.is_shared.data = True

    def details_of(self, record: Any, **more: Any) -> str:
        tables = [table for table in (people_table(record),) if table]
        return super().details_of(record, **{"lines": tables, **more})

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.address_norm = record.address
        settle_owner(record)
        if record.smtp_security is MailSecurity.NONE and not is_near_host(record.smtp_host):
            raise Invalid(
                _(
                    "Without encryption only servers of this machine or of a private network are used."
                ),
                field="smtp_security",
            )
        moved = inspect(record).attrs.smtp_host.history.has_changes() and not is_new
        written = "password" in form._fields and form.password.data
        if moved and record.password_sealed is not None and not written:
            # Else whoever may edit the account could have the old password sent to a server of their own.
            raise Invalid(
                _("The server is another one: write the password again."), field="password"
            )
