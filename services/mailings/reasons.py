"""Why somebody did not get a message: a sentence for each code, and what cures it (X1-05)."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from models.mailings.reason import ReasonCode


@dataclass(frozen=True)
class Reason:
    """What a person reads; `cure` is what they can do, None where nothing can be done."""

    sentence: Any
    cure: Any = None


_R = ReasonCode
REASONS: dict[ReasonCode, Reason] = {
    _R.NO_ADDRESS: Reason(
        _l("The customer has no contact with an e-mail address."), _l("Add an address")
    ),
    _R.INVALID_ADDRESS: Reason(_l("The address cannot exist."), _l("Correct the address")),
    _R.SUPPRESSED: Reason(
        _l("The address is on the suppression list."), _l("Take it off the list")
    ),
    _R.BOUNCED_BEFORE: Reason(
        _l("An earlier message to this address bounced."), _l("Correct the address")
    ),
    _R.NO_ROLE: Reason(
        _l("No contact of the customer has the wanted role."), _l("Give a contact the role")
    ),
    _R.CONTACT_INACTIVE: Reason(_l("The contact is not active."), _l("Activate the contact")),
    _R.PORTAL_ONLY: Reason(_l("The customer wants to see documents in the portal only.")),
    _R.DOCUMENT_NOT_POSTED: Reason(_l("The document is still a draft."), _l("Post the document")),
    _R.DOCUMENT_VOID: Reason(_l("The document is void.")),
    _R.DOCUMENT_EXCLUDED: Reason(_l("The document does not belong in this message.")),
    _R.DUPLICATE_RECIPIENT: Reason(
        _l("The same address already gets this message through another contact.")
    ),
    _R.OVER_SIZE: Reason(
        _l("The message is larger than mail servers accept."), _l("Send fewer documents at once")
    ),
    _R.LANGUAGE_MISSING: Reason(
        _l("The text does not exist in the recipient's language."), _l("Add the language")
    ),
    _R.RENDER_ERROR: Reason(_l("The message or its document could not be made.")),
    _R.ACCOUNT_DISABLED: Reason(
        _l("The mail account is switched off."), _l("Open the mail account")
    ),
    _R.FROM_NOT_ALLOWED: Reason(
        _l("The mail server does not let this account use its address."),
        _l("Open the mail account"),
    ),
    _R.AUTH_FAILED: Reason(
        _l("The mail server refused the user name and password."), _l("Open the mail account")
    ),
    _R.CONSENT_LOST: Reason(
        _l("The permission to use the mail account has ended: somebody has to give it again."),
        _l("Give permission"),
    ),
    _R.TLS_FAILED: Reason(
        _l("No encrypted connection to the mail server was possible."),
        _l("Open the mail account"),
    ),
    _R.CONNECT_FAILED: Reason(
        _l("The connection to the mail server failed or broke."), _l("Open the mail account")
    ),
    _R.THROTTLED: Reason(_l("The mail server asked to come back later; it is tried again.")),
    _R.RECIPIENT_REJECTED: Reason(
        _l("The mail server refused this address."), _l("Correct the address")
    ),
    _R.CONTENT_REJECTED: Reason(_l("The mail server refused the message.")),
    _R.QUOTA: Reason(_l("The recipient's mailbox is full.")),
    _R.STOPPED: Reason(_l("The mailing was stopped before.")),
    _R.CANCELLED: Reason(_l("The mailing was cancelled before.")),
    _R.CRASH_IN_DATA: Reason(
        _l("Sending was interrupted in the middle: the message may have arrived."),
        _l("Decide: sent, or send again"),
    ),
    _R.MANUAL: Reason(_l("A person decided it.")),
    _R.ON_HOLD: Reason(_l("The customer is on hold."), _l("Open the customer")),
}


def sentence_for(code: ReasonCode | str | None) -> str:
    """The sentence in the reader's language; empty without a code."""
    return str(REASONS[ReasonCode(code)].sentence) if code else ""


def cure_for(code: ReasonCode | str | None) -> str | None:
    """What the reader can do about it, as the words of a button."""
    cure = REASONS[ReasonCode(code)].cure if code else None
    return str(cure) if cure is not None else None
