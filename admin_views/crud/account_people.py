"""Who uses a mail account: a table on the account's page, with the way to change it."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from admin_views.formatters import yes_no
from admin_views.identity import current_staff
from models.mailbox.mail_account import MailAccount
from services.mailbox.account_grants import people_of


def people_table(account: MailAccount) -> dict[str, Any]:
    """The owner, whoever is named, or that it is open to all who send mailings."""
    rows: list[list[Any]] = []
    if account.owner is not None:
        rows.append([account.owner.name, _("Its owner"), yes_no(True), yes_no(True)])
    named = people_of(account)
    rows += [
        [grant.user.name, _("Named for it"), yes_no(grant.can_read), yes_no(grant.can_send)]
        for grant in named
    ]
    if not rows and account.is_shared:
        rows.append([_("Everybody who sends mailings"), _("Shared"), yes_no(False), yes_no(True)])
    elif not rows:
        rows.append([_("Nobody"), _("Without owner"), yes_no(False), yes_no(False)])
    if current_staff().rights.allows("mail_account", "edit"):
        url = url_for("mail_rights.index", account=account.public_id)
        rows.append(
            [Markup('<a href="{}">{}</a>').format(url, _("Change who uses it")), "", "", ""]
        )
    return {
        "title": _("Who uses it"),
        "columns": [(_("Person"), "w"), (_("As"), "m"), (_("Reads"), "n"), (_("Sends"), "n")],
        "rows": rows,
    }
