"""From a mail account to the plain values that `mail/` wants."""

from dataclasses import dataclass, field

from mail.smtp import Security, SmtpServer
from models.mailbox.mail_account import MailAccount
from services.mailbox.oauth_endpoints import OAuthEndpoints
from services.mailbox.tokens import bearer_of


@dataclass(frozen=True, kw_only=True)
class MailNetwork:
    """What all accounts of this installation have in common; `ca_file` holds further authorities to trust."""

    timeout_seconds: float = 30
    total_deadline_seconds: float = 120
    ca_file: str | None = None
    endpoints: OAuthEndpoints = field(default_factory=OAuthEndpoints)


def smtp_server_of(account: MailAccount, network: MailNetwork) -> SmtpServer:
    """Where the account sends through, with its password in clear or a source of its tokens."""
    bearer = bearer_of(account, network.endpoints)
    login = (account.login or account.address) if bearer else account.login
    return SmtpServer(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security.value),
        login=login,
        password=account.password if account.login and not bearer else None,
        bearer=bearer,
        timeout_seconds=network.timeout_seconds,
        total_deadline_seconds=network.total_deadline_seconds,
        ca_file=network.ca_file,
    )
