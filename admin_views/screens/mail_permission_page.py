"""What the page of a permission says: how the account signs in, and what may be done about it."""

from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from admin_views.identity import current_staff
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthApplication, OAuthProvider, OAuthToken
from models.states import state_word
from services.mailbox.application_tokens import shared_token_of
from services.mailbox.consent import NOBODYS_TENANTS, tokens_of
from services.mailbox.oauth_client import service_account_of
from services.mailbox.password_warning import password_warning
from services.mailbox.tokens import application_for, has_permission
from services.mailings.reasons import sentence_for


def page_of(account: MailAccount) -> dict[str, Any]:
    """For `admin/mailbox/permission.html`."""
    application = application_for(account)
    row = tokens_of(account)
    is_given = has_permission(account)
    has_lost_it = account.paused_reason == "consent_lost"
    return {
        "way": state_word(account.sign_in_by),
        "has_permission": is_given,
        "given_at": _obtained_at(account, application, row) if is_given else None,
        "may_withdraw": is_given or row is not None,
        "problem": sentence_for(account.paused_reason) if has_lost_it else "",
        "warning": password_warning(account.address, account.smtp_host, account.sign_in_by),
        "application": application,
        "may_ask": application is not None and _has_client_secret(application),
        "may_use_application": application is not None and _works_for_all(application),
        "is_by_application": account.sign_in_by is SignInBy.APPLICATION,
        "application_url": _application_url(application),
    }


def _obtained_at(
    account: MailAccount, application: OAuthApplication | None, row: OAuthToken | None
) -> datetime | None:
    """Of the account's own token, or of the one that it shares."""
    if row is None and application is not None and account.sign_in_by is SignInBy.APPLICATION:
        shared = shared_token_of(application)
        return shared.obtained_at if shared is not None else None
    return row.obtained_at if row is not None else None


def _has_client_secret(application: OAuthApplication) -> bool:
    return application.secret is not None and service_account_of(application.secret) is None


def _works_for_all(application: OAuthApplication) -> bool:
    """Whether it can act without an owner: a tenant of its own, or a service account."""
    if application.secret is None:
        return False
    if application.provider is OAuthProvider.GOOGLE:
        return service_account_of(application.secret) is not None
    return bool(application.tenant) and str(application.tenant).lower() not in NOBODYS_TENANTS


def _application_url(application: OAuthApplication | None) -> tuple[str, str] | None:
    rights = current_staff().rights
    if application is not None and rights.allows("oauth_application", "edit"):
        return _("How you are registered"), url_for(
            "oauth_application.edit_view", id=application.id
        )
    if application is None and rights.allows("oauth_application", "create"):
        return _("Register the organization"), url_for("oauth_application.create_view")
    return None
