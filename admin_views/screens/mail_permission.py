"""The permission of a mail account at Google or Microsoft: give it, use the organization's, take it back (X4-02).

The owner of an account may do it for their own; for others, who may edit mail accounts.
"""

import hmac
import json
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.identity import current_staff, settings
from admin_views.screens.mail_permission_page import page_of
from admin_views.shell import lead_to
from errors import AppError, Forbidden, Unavailable
from extensions import limiter
from jobs.mailings import deliver_due
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.sealing import keyring
from services.mailbox import consent
from services.mailbox.oauth_client import ConsentRequest
from services.mailbox.oauth_endpoints import OAuthEndpoints

PER_SESSION = "20 per minute"
PENDING = "mail_permission"  # in the cookie: sealed, and taken out by the first answer
PENDING_SECONDS = 15 * 60
blueprint = Blueprint("mail_permission", __name__, url_prefix="/mail-accounts")


@dataclass(frozen=True)
class Pending:
    """A question to a provider that waits for its answer in this browser."""

    account: str
    state: str
    verifier: str
    until: float


@blueprint.get("/<uuid:public_id>/permission")
def page(public_id: UUID) -> ResponseReturnValue:
    account = _find(public_id)
    return _shown("admin/mailbox/permission.html", account, **page_of(account))


@blueprint.post("/<uuid:public_id>/permission/ask")
@limiter.limit(PER_SESSION)
def ask(public_id: UUID) -> ResponseReturnValue:
    """The last page of ours before the provider's; nobody is led away without having seen where to."""
    account = _find(public_id)
    try:
        asked = consent.ask_consent(
            account, endpoints=endpoints(), redirect_uri=redirect_uri(settings().public_base_url)
        )
    except AppError as problem:
        return _back(account, problem.message)
    session[PENDING] = _sealed(account, asked)
    return _shown("admin/mailbox/permission_leave.html", account, to_url=asked.url)


@blueprint.get("/permission/answer")
@limiter.limit(PER_SESSION)
def answer() -> ResponseReturnValue:
    """Where the provider sends the browser back to; good once, in the session that asked."""
    pending = _pending()
    if pending is None or not hmac.compare_digest(
        pending.state.encode(), request.args.get("state", "").encode()
    ):
        flash(
            _(
                "This answer belongs to no question of this browser, or it came too late. Begin again."
            ),
            "bad",
        )
        return redirect(url_for("home.home"))
    account = _find(UUID(pending.account))
    if "error" in request.args or not request.args.get("code"):
        return _back(account, refusal_words(request.args.get("error", "")))
    try:
        consent.take_consent(
            account,
            code=request.args["code"][:4096],
            verifier=pending.verifier,
            endpoints=endpoints(),
            redirect_uri=redirect_uri(settings().public_base_url),
        )
    except AppError as problem:
        return _back(account, problem.message)
    return _done(account, _("%(address)s signs in by permission now.", address=account.address))


@blueprint.post("/<uuid:public_id>/permission/by-application")
@limiter.limit(PER_SESSION)
def by_application(public_id: UUID) -> ResponseReturnValue:
    account = _find(public_id)
    try:
        consent.use_application(account, endpoints=endpoints())
    except AppError as problem:
        return _back(account, problem.message)
    return _done(
        account,
        _("%(address)s signs in by the organization's permission now.", address=account.address),
    )


@blueprint.post("/<uuid:public_id>/permission/withdraw")
@limiter.limit(PER_SESSION)
def withdraw(public_id: UUID) -> ResponseReturnValue:
    account = _find(public_id)
    try:
        consent.withdraw(account)
    except AppError as problem:
        return _back(account, problem.message)
    return _done(
        account,
        _(
            "The permission of %(address)s was withdrawn; nothing leaves through it.",
            address=account.address,
        ),
    )


def redirect_uri(base_url: str) -> str:
    """The address that is registered at the provider; never from the Host header."""
    return f"{base_url.rstrip('/')}/mail-accounts/permission/answer"


def endpoints() -> OAuthEndpoints:
    """Where this installation asks."""
    return OAuthEndpoints(**settings().oauth_urls())


def refusal_words(error: str) -> str:
    """What the provider's error means for the person who comes back."""
    if error in ("access_denied", "consent_required", "interaction_required"):
        return str(_("You did not agree there, so nothing was changed."))
    if error in ("temporarily_unavailable", "server_error"):
        return str(_("The provider has trouble at the moment. Try again later."))
    if error in ("invalid_request", "unauthorized_client", "invalid_scope", "invalid_client"):
        return str(
            _(
                "The provider does not know what was asked for: look at how you are registered there."
            )
        )
    return str(_("The provider gave no permission and did not say why. Try again."))


def _find(public_id: UUID) -> MailAccount:
    staff = current_staff()
    account = db.session.scalar(select(MailAccount).where(MailAccount.public_id == public_id))
    if account is None:
        abort(404)
    if account.owner_id != staff.user.id and not staff.rights.allows("mail_account", "edit"):
        raise Forbidden(_("Your role does not allow this."))
    return account


def _sealed(account: MailAccount, asked: ConsentRequest) -> str:
    told = [str(account.public_id), asked.state, asked.verifier, time.time() + PENDING_SECONDS]
    return keyring.seal(json.dumps(told), bound_to=_place())


def _pending() -> Pending | None:
    sealed = session.pop(PENDING, None)
    if sealed is None:
        return None
    try:
        pending = Pending(*json.loads(keyring.open(sealed, bound_to=_place())))
    except (Unavailable, TypeError, ValueError):
        return None
    return pending if pending.until > time.time() else None


def _place() -> str:
    """Another session of the same person cannot use it either."""
    return f"mail_permission:{current_staff().session.id}"


def _shown(template: str, account: MailAccount, **context: Any) -> ResponseReturnValue:
    record_url = url_for("mail_account.details_view", id=account.id)
    may_see = current_staff().rights.allows("mail_account", "view")
    lead_to((account.address, record_url if may_see else None), (_("Permission"), None))
    title = _("Permission of %(address)s", address=account.address)
    return render_template(template, title=title, account=account, **context)


def _back(account: MailAccount, problem: str) -> ResponseReturnValue:
    public_id = account.public_id
    db.session.rollback()
    flash(problem, "bad")
    return redirect(url_for(".page", public_id=public_id))


def _done(account: MailAccount, told: str) -> ResponseReturnValue:
    db.session.commit()
    deliver_due.enqueue()
    flash(told)
    return redirect(url_for(".page", public_id=account.public_id))
