"""Mail accounts and the suppression list."""

from typing import Any

from flask import flash, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from errors import Invalid
from models.mailbox.mail_account import MailAccount, MailSecurity
from services.mailbox.accounts import is_near_host
from services.mailbox.password_warning import password_warning, wants_permission
from services.mailbox.tokens import has_permission


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

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """The way to its permission, for an account at a provider that wants one."""
        if not self.allows("edit") or not (wants_permission(record) or has_permission(record)):
            return None
        return {
            "label": _("Give permission") if not has_permission(record) else _("Permission"),
            "url": url_for("mail_permission.page", public_id=record.public_id),
            "icon": "key",
        }

    def after_save(self, record: Any, is_new: bool) -> None:
        warning = password_warning(record.address, record.smtp_host, record.sign_in_by)
        if warning is not None:
            flash(warning, "warn")

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        record.address_norm = record.address
        if record.smtp_security is MailSecurity.NONE and not is_near_host(record.smtp_host):
            raise Invalid(
                _(
                    "Without encryption only servers of this machine or of a private network are used."
                ),
                field="smtp_security",
            )
        hosts = [inspect(record).attrs[name] for name in ("smtp_host", "imap_host")]
        moved = any(host.history.has_changes() for host in hosts) and not is_new
        written = "password" in form._fields and form.password.data
        if moved and record.password_sealed is not None and not written:
            # Else whoever may edit the account could have the old password sent to a server of their own.
            raise Invalid(
                _("The server is another one: write the password again."), field="password"
            )
