"""What the form and the grid of mail accounts ask while somebody types an address (X4-04)."""

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from errors import Forbidden, Invalid
from extensions import limiter
from mail.errors import InvalidAddress
from models.states import state_word
from services.mailbox.autoconfig import ServerSuggestion, suggest

PER_SESSION = "60 per minute"
blueprint = Blueprint("mail_suggestion", __name__, url_prefix="/mail-accounts")


@limiter.limit(PER_SESSION)
def suggested(address: str) -> ServerSuggestion | None:
    """The servers for this address, as far as somebody says so; raises InvalidAddress."""
    return suggest(address)


@blueprint.get("/suggestion")
def suggestion() -> ResponseReturnValue:
    """`{"found": {...}}` with the servers of `address`, or `{"found": null}`; within 5 seconds."""
    rights = current_staff().rights
    if not (rights.allows("mail_account", "edit") or rights.allows("mail_account", "create")):
        raise Forbidden(_("Your role does not allow this."))
    address = request.args.get("address", "").strip()[:320]
    try:
        found = suggested(address)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    return jsonify(found=_told(found) if found else None)


def _told(found: ServerSuggestion) -> dict[str, Any]:
    return {
        "name": found.name,
        "smtp_host": found.smtp_host,
        "smtp_port": found.smtp_port,
        "smtp_security": found.smtp_security.value,
        "imap_host": found.imap_host,
        "imap_port": found.imap_port,
        "imap_security": found.imap_security.value,
        "login": found.login,
        "sign_in_by": found.sign_in_by.value,
        "source": found.source.value,
        "source_word": str(state_word(found.source)),
        "hint": str(found.hint),
    }
