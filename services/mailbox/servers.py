"""From a mail account to the plain values that `mail/` wants."""

from dataclasses import dataclass, field

from mail.imap import ImapServer
from mail.reach import Reach
from mail.smtp import Security, SmtpServer
from models.mailbox.mail_account import MailAccount
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.tokens import bearer_of


@dataclass(frozen=True, kw_only=True)
class MailNetwork:
    """What all accounts of this installation have in common.

    `ca_file` holds further authorities to trust, `reach` says which servers may be called.
    """

    timeout_seconds: float = 30
    total_deadline_seconds: float = 120
    ca_file: str | None = None
    endpoints: OAuthEndpoints = field(default_factory=OAuthEndpoints)
    reach: Reach = field(default_factory=Reach)


def smtp_server_of(account: MailAccount, network: MailNetwork) -> SmtpServer:
    """Where the account sends through, with its password in clear or a source of its tokens.

    A login without a password waits for one: nobody is signed in with an empty one.
    """
    bearer = bearer_of(account, network.endpoints)
    login = account.login if account.password_sealed else None
    return SmtpServer(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security.value),
        login=(account.login or account.address) if bearer else login,
        password=account.password if login and not bearer else None,
        bearer=bearer,
        timeout_seconds=network.timeout_seconds,
        total_deadline_seconds=network.total_deadline_seconds,
        ca_file=network.ca_file,
        reach=network.reach,
    )


def imap_server_of(account: MailAccount, network: MailNetwork) -> ImapServer | None:
    """Where the mail of the account is read; None if it only sends. Its own login counts before the one for sending."""
    bearer = bearer_of(account, network.endpoints)
    login = account.imap_login or account.login or (account.address if bearer else None)
    if account.imap_host is None or login is None or not (bearer or account.password_sealed):
        return None
    return ImapServer(
        host=account.imap_host,
        port=account.imap_port,
        security=Security(account.imap_security.value),
        login=login,
        password=None if bearer else account.password,
        bearer=bearer,
        timeout_seconds=network.timeout_seconds,
        total_deadline_seconds=network.total_deadline_seconds,
        ca_file=network.ca_file,
        reach=network.reach,
    )
