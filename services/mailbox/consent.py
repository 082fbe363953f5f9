"""Giving and taking back the permission to use a mail account at Google or Microsoft (X4-02)."""

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid, Unavailable
from mail.errors import ConsentLost, MailError
from models.audit_trail import record_event
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.mailbox.oauth import OAuthApplication, OAuthProvider, OAuthToken
from services.mailbox.application_tokens import shared_token, shares_token
from services.mailbox.given_up import forget
from services.mailbox.line_rules import stranger_among
from services.mailbox.oauth_client import (
    ConsentRequest,
    application_tokens,
    consent_request,
    service_account_of,
    tokens_for_code,
)
from services.mailbox.oauth_endpoints import ANY_TENANT, OAuthEndpoints
from services.mailbox.tokens import application_for, keep
from services.system.retelling import retold

NOBODYS_TENANTS = {ANY_TENANT, "organizations", "consumers"}


def tokens_of(account: MailAccount) -> OAuthToken | None:
    """The account's tokens, if a permission was given."""
    return db.session.scalar(select(OAuthToken).where(OAuthToken.account_id == account.id))


def ask_consent(
    account: MailAccount, *, endpoints: OAuthEndpoints, redirect_uri: str
) -> ConsentRequest:
    """Where the owner agrees; raises Conflict if the organization is not registered there for it."""
    application = _registered(account)
    _check_servers(account, application)
    if application.secret is None or service_account_of(application.secret) is not None:
        raise Conflict(
            _(
                "The application at %(provider)s has no client secret: write it down first.",
                provider=application,
            )
        )
    return consent_request(
        application, endpoints, redirect_uri=redirect_uri, address=account.address
    )


def take_consent(
    account: MailAccount,
    *,
    code: str,
    verifier: str,
    endpoints: OAuthEndpoints,
    redirect_uri: str,
) -> None:
    """The owner has agreed: keep the tokens and sign in by them from now on.

    Raises Invalid if somebody agreed for another address, Conflict or Unavailable if the provider gives nothing.
    """
    application = _registered(account)
    _check_servers(account, application)
    try:
        tokens = tokens_for_code(
            application, endpoints, code=code, verifier=verifier, redirect_uri=redirect_uri
        )
    except MailError as problem:
        raise _said(problem, application) from problem
    is_other = tokens.address is not None and tokens.address != account.address_norm
    # At Microsoft, whoever may use a shared mailbox agrees under their own name.
    if is_other and not (account.is_shared and application.provider is OAuthProvider.MICROSOFT):
        raise Invalid(
            _(
                "The permission was given for %(other)s, but this account is %(address)s. Sign in there as %(address)s.",
                other=tokens.address,
                address=account.address,
            )
        )
    row = _row(account, application)
    row.refresh = None
    keep(row, tokens)
    if row.refresh is None:
        raise Conflict(
            _(
                "%(provider)s gave a permission that ends within the hour. Take it back in your account there, and give it again.",
                provider=application,
            )
        )
    _sign_in_by(account, SignInBy.CONSENT, "give_permission")


def use_application(account: MailAccount, *, endpoints: OAuthEndpoints) -> None:
    """Sign in by the organization's own permission; tried at once, so that a mistake shows here.

    Raises Conflict or Unavailable with what has to be done.
    """
    application = _registered(account)
    if application.provider is OAuthProvider.MICROSOFT and (
        not application.tenant or application.tenant.lower() in NOBODYS_TENANTS
    ):
        raise Conflict(
            _("For all accounts at once Microsoft wants the tenant: write it down first.")
        )
    _check_servers(account, application)
    try:
        if shares_token(application):
            shared_token(application, endpoints)
            forget(account)  # its owner's, if there was one
        else:
            tokens = application_tokens(application, endpoints, address=account.address)
            row = _row(account, application)
            row.refresh = None
            keep(row, tokens)
    except MailError as problem:
        raise _said(problem, application) from problem
    _sign_in_by(account, SignInBy.APPLICATION, "use_application")


def withdraw(account: MailAccount) -> None:
    """Forget the tokens, give them back where the provider takes them, and let the account rest."""
    if tokens_of(account) is None and account.sign_in_by not in (
        SignInBy.CONSENT,
        SignInBy.APPLICATION,
    ):
        raise Conflict(_("There is no permission to withdraw."))
    forget(account)
    if account.sign_in_by in (SignInBy.CONSENT, SignInBy.APPLICATION):
        account.sign_in_by = SignInBy.NOTHING
        account.pause_for_person("consent_lost", "withdrawn")
    db.session.flush()
    _note(account, "withdraw_permission")


def _registered(account: MailAccount) -> OAuthApplication:
    application = application_for(account)
    if application is None:
        raise Conflict(_("The organization is not registered at the provider of this account yet."))
    return application


def _check_servers(account: MailAccount, application: OAuthApplication) -> None:
    """A token is shown to the server: whoever may name servers must not get one by naming their own."""
    stranger = stranger_among((account.smtp_host, account.imap_host), application.provider)
    if stranger is not None:
        raise Conflict(
            _(
                "A permission of %(provider)s is shown to the servers of %(provider)s and to those of a private network, and to no other. %(host)s is none of them: change the account's servers first.",
                provider=application,
                host=stranger,
            )
        )


def _row(account: MailAccount, application: OAuthApplication) -> OAuthToken:
    row = tokens_of(account)
    if row is None:
        row = OAuthToken(organization_id=account.organization_id, account_id=account.id)
        db.session.add(row)
    row.application_id = application.id
    return row


def _sign_in_by(account: MailAccount, way: SignInBy, action: str) -> None:
    account.password = None  # also ends the pause
    account.sign_in_by = way
    account.login = account.login or account.address
    db.session.flush()
    _note(account, action)


def _note(account: MailAccount, action: str) -> None:
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account.id,
        action=action,
        after={"address": account.address, "sign_in_by": account.sign_in_by.value},
    )


def _said(problem: MailError, application: OAuthApplication) -> Conflict | Unavailable:
    if isinstance(problem, ConsentLost):
        return Conflict(
            _(
                "%(provider)s gives no permission: %(answer)s Look at the client id, the secret and what the application may do there.",
                provider=application,
                answer=retold(problem.message),
            )
        )
    return Unavailable(
        _("%(provider)s cannot be reached now. Try again later.", provider=application)
    )
