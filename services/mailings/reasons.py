"""Why somebody did not get a message: a sentence for each code (X1-05). What cures it is offered by `cures.py`."""

from typing import Any

from flask_babel import lazy_gettext as _l

from models.mailings.reason import ReasonCode

_R = ReasonCode
REASONS: dict[ReasonCode, Any] = {
    _R.NO_ADDRESS: _l("The customer has no contact with an e-mail address."),
    _R.INVALID_ADDRESS: _l("The address cannot exist."),
    _R.SUPPRESSED: _l("The address is on the suppression list."),
    _R.BOUNCED_BEFORE: _l("An earlier message to this address bounced."),
    _R.NO_ROLE: _l("No contact of the customer has the wanted role."),
    _R.CONTACT_INACTIVE: _l("The contact is not active."),
    _R.PORTAL_ONLY: _l("The customer wants to see documents in the portal only."),
    _R.DOCUMENT_NOT_POSTED: _l("The document is still a draft."),
    _R.DOCUMENT_VOID: _l("The document is void."),
    _R.DOCUMENT_EXCLUDED: _l("The document does not belong in this message."),
    _R.DUPLICATE_RECIPIENT: _l(
        "The same address already gets this message through another contact."
    ),
    _R.OVER_SIZE: _l("The message is larger than mail servers accept."),
    _R.LANGUAGE_MISSING: _l("The text does not exist in the recipient's language."),
    _R.RENDER_ERROR: _l("The message or its document could not be made."),
    _R.ACCOUNT_DISABLED: _l("The mail account is switched off."),
    _R.FROM_NOT_ALLOWED: _l("The mail server does not let this account use its address."),
    _R.AUTH_FAILED: _l("The mail server refused the user name and password."),
    _R.CONSENT_LOST: _l(
        "The permission to use the mail account has ended: somebody has to give it again."
    ),
    _R.TLS_FAILED: _l("No encrypted connection to the mail server was possible."),
    _R.CONNECT_FAILED: _l("The connection to the mail server failed or broke."),
    _R.THROTTLED: _l("The mail server asked to come back later; it is tried again."),
    _R.RECIPIENT_REJECTED: _l("The mail server refused this address."),
    _R.CONTENT_REJECTED: _l("The mail server refused the message."),
    _R.QUOTA: _l("The recipient's mailbox is full."),
    _R.STOPPED: _l("The mailing was stopped before."),
    _R.CANCELLED: _l("The mailing was cancelled before."),
    _R.CRASH_IN_DATA: _l("Sending was interrupted in the middle: the message may have arrived."),
    _R.MANUAL: _l("A person decided it."),
    _R.ON_HOLD: _l("The customer is on hold."),
}


def sentence_for(code: ReasonCode | str | None) -> str:
    """The sentence in the reader's language; empty without a code."""
    return str(REASONS[ReasonCode(code)]) if code else ""
