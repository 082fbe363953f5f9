"""From a mail account to the plain values that `mail/` wants."""

from dataclasses import dataclass, field

from mail.reach import Reach
from mail.smtp import Security, SmtpServer
from models.mailbox.mail_account import MailAccount


@dataclass(frozen=True, kw_only=True)
class MailNetwork:
    """What all accounts of this installation have in common.

    `ca_file` holds further authorities to trust, `reach` says which servers may be called.
    """

    timeout_seconds: float = 30
    total_deadline_seconds: float = 120
    ca_file: str | None = None
    reach: Reach = field(default_factory=Reach)


def smtp_server_of(account: MailAccount, network: MailNetwork) -> SmtpServer:
    """Where the account sends through, with its password in clear."""
    return SmtpServer(
        host=account.smtp_host,
        port=account.smtp_port,
        security=Security(account.smtp_security.value),
        login=account.login,
        password=account.password if account.login else None,
        timeout_seconds=network.timeout_seconds,
        total_deadline_seconds=network.total_deadline_seconds,
        ca_file=network.ca_file,
        reach=network.reach,
    )
