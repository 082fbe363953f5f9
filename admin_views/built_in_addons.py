"""The add-ons that the product brings along, listed here: it runs from a checkout, which has no entry points."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views.addons import AddOn, AddOnStatus, Right
from services.mailbox.account_standings import accounts_stand
from services.mailbox.account_states import Standing


def accounts_status() -> AddOnStatus:
    """How many of the people here have an account that works."""
    standings = accounts_stand()
    people, ready = standings.total(), standings[Standing.READY]
    words = ngettext("%(ready)d of %(num)d user", "%(ready)d of %(num)d users", people, ready=ready)
    if standings[Standing.TROUBLED]:
        return AddOnStatus(word=words, tone="warn", icon="alert-triangle")
    if ready:
        return AddOnStatus(word=words, tone="ok", icon="circle-check")
    return AddOnStatus(word=words, icon="minus")


MAIL_ACCOUNTS = AddOn(
    name="mail_account_setup",
    title=_l("Set up mail accounts"),
    description=_l(
        "Address, password, server, port and SSL of a department in a single table. Header, signature and footer."
    ),
    endpoint="mail_accounts_grid.index",
    right=Right(resource="mail_account", action="edit"),
    icon="mail-cog",
    status=accounts_status,
)
BUILT_IN = (MAIL_ACCOUNTS,)
