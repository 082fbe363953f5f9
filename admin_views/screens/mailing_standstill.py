"""Why nothing of a mailing leaves: its account rests, or it stopped by itself; each with what a person can do (X1-04)."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import zone
from admin_views.screens.mailing_door import allows
from admin_views.screens.mailing_words import reason_words, stop_words
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from services.mailbox.senders import may_send_as, refusal_of

WAITING = {MailingState.REGISTERED, MailingState.SCHEDULED, MailingState.STOPPED}
STOPPED = {MailingState.STOPPING, MailingState.STOPPED}


@dataclass(frozen=True)
class Pause:
    """Why nothing leaves through the account now, and where a person can cure it."""

    text: str
    url: str | None


@dataclass(frozen=True)
class Stop:
    """It stopped by itself: how that is said, and where one sees why and goes on."""

    text: str
    why_url: str
    go_on_url: str | None


def pause_of(account: MailAccount) -> Pause | None:
    """Why nothing leaves through this account now, in a sentence."""
    url = None
    if current_staff().rights.allows("mail_account", "edit"):
        url = (
            url_for("mail_permission.page", public_id=account.public_id)
            if account.paused_reason == ReasonCode.CONSENT_LOST
            else url_for("mail_account.edit_view", id=account.id)
        )
    if not account.is_active:
        return Pause(_("The account %(address)s is switched off.", address=account.address), url)
    if not account.is_paused:
        return None
    reason = reason_words(account.paused_reason) if account.paused_reason else ""
    if account.paused_until is None:
        text = _(
            "The account %(address)s is paused: %(reason)s. Correct it and resume; nothing was lost.",
            address=account.address,
            reason=reason,
        )
        return Pause(text, url)
    text = _(
        "The account %(address)s waits until %(time)s: %(reason)s. It continues on its own; nothing was lost.",
        address=account.address,
        reason=reason,
        time=f"{account.paused_until.astimezone(zone()):%H:%M:%S}",
    )
    return Pause(text, None)


def sender_trouble(mailing: Mailing) -> Pause | None:
    """Before it (re)starts: whoever reads this may not send as its account, and who can change that (X4-08)."""
    staff = current_staff()
    if mailing.state not in WAITING or may_send_as(mailing.account_id, staff.user):
        return None
    url = None
    if staff.rights.allows("mail_account", "edit"):
        url = url_for("mail_rights.index", account=mailing.account.public_id)
    return Pause(refusal_of(mailing.account, staff.user), url)


def stop_of(mailing: Mailing) -> Stop | None:
    """It stopped by itself, and nobody has gone on (X1-04)."""
    if mailing.last_answers is None or mailing.state not in STOPPED:
        return None
    goes_on = mailing.state is MailingState.STOPPED and allows("start")
    return Stop(
        text=stop_words(mailing),
        why_url=url_for("mailing_console.recipients", public_id=mailing.public_id, show="failed"),
        go_on_url=url_for("mailing_console.start", public_id=mailing.public_id)
        if goes_on
        else None,
    )
