"""The door to the outside world of e-mail; what goes through it can be replaced."""

from typing import Protocol

from mail.smtp import SmtpServer, dial
from mail.smtp_line import SmtpLine


class MailGateway(Protocol):
    """Opens the ends of e-mail; `app.py` picks who keeps this promise."""

    def dial(self, server: SmtpServer) -> SmtpLine:
        """A line that is ready for the first envelope; raises MailError."""
        ...


class NetworkGateway:
    """Talks to the servers that it is told."""

    def dial(self, server: SmtpServer) -> SmtpLine:
        return dial(server)
