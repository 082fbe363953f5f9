"""The door to the outside world of e-mail; what goes through it can be replaced."""

from dataclasses import replace
from typing import Protocol

from mail.errors import NotAllowed, ServerUnreachable
from mail.imap import ImapServer, MailboxClient, open_mailbox
from mail.reach import Reach
from mail.smtp import SmtpServer, dial
from mail.smtp_line import SmtpLine
from mail.steps import UNWATCHED, Watch

HERE = Reach(only_loopback=True)


class MailGateway(Protocol):
    """Opens the ends of e-mail; `app.py` picks who keeps this promise."""

    def dial(self, server: SmtpServer, watch: Watch = UNWATCHED) -> SmtpLine:
        """A line that is ready for the first envelope; raises MailError. `watch` is told each step."""
        ...

    def open_mailbox(self, server: ImapServer, watch: Watch = UNWATCHED) -> MailboxClient:
        """A mailbox with somebody signed in; raises MailError."""
        ...


class NetworkGateway:
    """Talks to the servers that it is told."""

    def dial(self, server: SmtpServer, watch: Watch = UNWATCHED) -> SmtpLine:
        return dial(server, watch)

    def open_mailbox(self, server: ImapServer, watch: Watch = UNWATCHED) -> MailboxClient:
        return open_mailbox(server, watch)


class LocalGateway:
    """Talks to servers of this machine only: in the demo nothing can leave."""

    def dial(self, server: SmtpServer, watch: Watch = UNWATCHED) -> SmtpLine:
        try:
            return dial(replace(server, reach=HERE), watch)
        except NotAllowed as problem:
            raise ServerUnreachable("In the demo nothing leaves this machine.") from problem

    def open_mailbox(self, server: ImapServer, watch: Watch = UNWATCHED) -> MailboxClient:
        return open_mailbox(replace(server, reach=HERE), watch)
