"""The words of the grid of accounts: its columns, how accounts stand, what somebody else did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views import reader_formats as reader
from models.mailbox.mail_account import MailAccount
from services.mailbox.account_cells import PASSWORD
from services.mailbox.account_states import Standing
from services.mailbox.changed_meanwhile import SomebodyElse


def label_of(name: str) -> Any:
    """What a column is called here; on the side of incoming mail the tab says that it is incoming."""
    short = {
        "imap_host": _("Server"),
        "imap_port": _("Port"),
        "imap_security": _("Security"),
        "login": _("Sign-in name"),
        "imap_login": _("Sign-in name"),
        "sync_days": _("Days"),
    }
    column = "password_sealed" if name == PASSWORD else name
    return short.get(name) or MailAccount.__table__.c[column].info["label"]


def standing_word(standing: Standing) -> str:
    return str(
        {
            Standing.WITHOUT: _("No account"),
            Standing.OFF: _("Switched off"),
            Standing.TROUBLED: _("Does not work"),
            Standing.TESTING: _("Testing"),
            Standing.UNTESTED: _("Not tested"),
            Standing.READY: _("Works"),
        }[standing]
    )


def asked_words(moment: datetime) -> str:
    """Since when the user is asked for the password, as the empty cell says it."""
    return str(_("asked on %(day)s", day=reader.day(moment.astimezone(reader.zone()).date())))


def words_about(change: SomebodyElse) -> str:
    """What somebody else did to the account, in a sentence."""
    when = reader.ago(change.at) if change.at else ""
    if change.is_gone:
        return str(_("The account was deleted meanwhile. Saved again, it is made anew."))
    if change.is_new:
        return str(
            _(
                "%(name)s gave this person another account meanwhile (%(when)s).",
                name=change.name,
                when=when,
            )
        )
    columns = MailAccount.__table__.c
    fields = [
        str(columns[name].info.get("label", name))
        for name in change.columns
        if name in columns and not columns[name].info.get("hidden")
    ]
    return str(
        _(
            "%(name)s changed this account meanwhile (%(when)s): %(fields)s. What you typed is kept; save again if it shall count.",
            name=change.name,
            when=when,
            fields=", ".join(fields),
        )
    )


def subtitle(department: str, standings: Sequence[Standing]) -> str:
    """“Ventas · 12 users, 8 ready, 2 with errors, 2 without account” (S4-10)."""
    count = {standing: standings.count(standing) for standing in Standing}
    untested = count[Standing.UNTESTED] + count[Standing.TESTING]
    troubled, without = count[Standing.TROUBLED], count[Standing.WITHOUT]
    ready, off = count[Standing.READY], count[Standing.OFF]
    parts = [
        (1, ngettext("%(num)d user", "%(num)d users", len(standings))),
        (ready, ngettext("%(num)d ready", "%(num)d ready", ready)),
        (troubled, ngettext("%(num)d with an error", "%(num)d with errors", troubled)),
        (untested, ngettext("%(num)d not tested", "%(num)d not tested", untested)),
        (off, ngettext("%(num)d switched off", "%(num)d switched off", off)),
        (without, ngettext("%(num)d without account", "%(num)d without account", without)),
    ]
    return f"{department} · {', '.join(words for number, words in parts if number)}"
