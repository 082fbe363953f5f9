"""Choosing the account for each purpose: one's own choice, and the organization's (S4-01)."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from errors import Invalid
from models.mailbox.account_default import MailPurpose
from models.people.user import User
from services.mailbox.default_senders import choose_default, defaults_of, usual_account
from services.mailbox.senders import accounts_to_send_as

HELP = {
    MailPurpose.INVOICES: _l("Mailings of documents begin with it."),
    MailPurpose.NOTICES: _l("Invitations, links for passwords and warnings leave from it."),
    MailPurpose.PERSONAL: _l("What is written to one person begins with it."),
}


@dataclass(frozen=True)
class PurposeChoice:
    """One purpose with what can be chosen for it; `usual` is what is taken without a choice."""

    purpose: MailPurpose
    label: str
    help: str
    options: list[tuple[str, str]]
    chosen: str
    usual: str


def purposes_of(person: User | None) -> list[PurposeChoice]:
    """The choices of this person, or of the organization (None)."""
    chosen = defaults_of(person)
    options = [(str(each.id), each.address) for each in accounts_to_send_as(person)]
    return [
        PurposeChoice(
            purpose,
            str(label),
            str(HELP[purpose]),
            options,
            str(chosen.get(purpose, "")),
            _usual(purpose, person),
        )
        for purpose, label in MailPurpose.labels().items()
    ]


def choose_purposes(person: User | None) -> None:
    """What was sent: `for-<purpose>`, empty for no choice; the caller commits."""
    for purpose in MailPurpose:
        typed = request.form.get(f"for-{purpose.value}")
        if typed is None:
            continue
        if typed and (not typed.isdecimal() or len(typed) > 18):
            raise Invalid(_("Choose one of the accounts."), field=purpose.value)
        choose_default(purpose, int(typed) if typed else None, person)


def _usual(purpose: MailPurpose, person: User | None) -> str:
    """What the empty choice comes to now."""
    account = usual_account(purpose, person)
    if account is None:
        return _("No choice: there is no account")
    return _("No choice (now %(address)s)", address=account.address)
