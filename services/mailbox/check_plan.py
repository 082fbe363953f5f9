"""What a test of an account needs, as plain values that a thread can have."""

import uuid
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _

from mail.envelope import EmailAddress, Envelope
from mail.gateway import MailGateway
from mail.headers import Mailbox, MessageHeaders
from mail.imap import ImapServer
from mail.imap_check import check_imap
from mail.mime import Head, WireBytes, assemble
from mail.smtp_check import SmtpCheck, check_smtp
from mail.step_log import Deadline, StepReport
from models.base import utc_now
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from services.mailbox.servers import MailNetwork, imap_server_of, smtp_server_of
from services.mailings.message import LARGEST_MESSAGE, sender_domain


@dataclass(frozen=True, kw_only=True)
class CheckPlan:
    """One test; `account_version` tells later whether the account was changed meanwhile."""

    check_id: int
    account_id: int
    organization_id: int
    account_version: int
    smtp: SmtpCheck
    imap: ImapServer | None = None

    def carry_out(self, gateway: MailGateway) -> list[StepReport]:
        """All steps; takes at most 30 seconds and raises no MailError."""
        deadline = Deadline()
        reports = check_smtp(self.smtp, gateway, deadline)
        if self.imap is not None:
            reports += check_imap(self.imap, gateway, deadline)
        return reports


def plan_of(check: AccountCheck, account: MailAccount, network: MailNetwork) -> CheckPlan:
    """Raises MailError for an account whose address or server cannot be used at all."""
    address = EmailAddress.parse(account.address)
    message = _message_to_itself(account, address) if check.wants_message else []
    return CheckPlan(
        check_id=check.id,
        account_id=account.id,
        organization_id=account.organization_id,
        account_version=account.version,
        smtp=SmtpCheck(
            server=smtp_server_of(account, network),
            envelope=Envelope(str(address), (str(address),)),
            message=message,
            largest_message=account.largest_message_bytes or LARGEST_MESSAGE,
        ),
        imap=imap_server_of(account, network),
    )


def _message_to_itself(account: MailAccount, address: EmailAddress) -> list[WireBytes]:
    """Past the ledger of deliveries: the answer to it is the last step of the test."""
    owner = account.owner
    with force_locale(owner.lang if owner else "es"):
        subject = _("Test of the account %(address)s", address=str(address))
        text = _("Ventanilla sent this message to test the account. You can delete it.")
    headers = MessageHeaders(
        sender=Mailbox(account.address, account.display_name),
        to=(Mailbox(str(address)),),
        subject=subject,
        message_id=f"<c.{uuid.uuid4()}@{sender_domain(account.address)}>",
        auto_submitted="auto-generated",
    )
    return assemble(Head.of(headers, text=text + "\n"), [], date=utc_now())
