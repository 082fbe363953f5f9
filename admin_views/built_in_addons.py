"""The add-ons that the product brings along, listed here: it runs from a checkout, which has no entry points."""

from collections import Counter

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views.addons import AddOn, AddOnStatus, Right
from services.mailbox.account_standings import accounts_stand
from services.mailbox.account_states import Standing
from services.mailbox.tested_accounts import tested_accounts


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


def tests_status() -> AddOnStatus:
    """How many accounts fail, whoever they belong to; else whether all were tested."""
    count = Counter(each.standing for each in tested_accounts())
    if failing := count[Standing.TROUBLED]:
        words = ngettext("%(num)d fails", "%(num)d fail", failing)
        return AddOnStatus(word=words, tone="bad", icon="alert-circle")
    if untested := count[Standing.UNTESTED]:
        words = ngettext("%(num)d not tested", "%(num)d not tested", untested)
        return AddOnStatus(word=words, icon="minus")
    if working := count[Standing.READY]:
        words = ngettext("%(num)d works", "%(num)d work", working)
        return AddOnStatus(word=words, tone="ok", icon="circle-check")
    return AddOnStatus(word=_("Without accounts"), icon="minus")


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
MAIL_ACCOUNT_TESTS = AddOn(
    name="mail_account_tests",
    title=_l("Test mail accounts"),
    description=_l(
        "Name, connection, certificate, password and sending, step by step, with advice."
    ),
    endpoint="account_checks.index",
    right=Right(resource="mail_account", action="view"),
    icon="plug-connected",
    status=tests_status,
)
BUILT_IN = (MAIL_ACCOUNTS, MAIL_ACCOUNT_TESTS)
