"""The door to the outside world of e-mail; what goes through it can be replaced."""

import ipaddress
import socket
from typing import Protocol

from mail.errors import ServerUnreachable
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


class LocalGateway:
    """Talks to servers of this machine only: in the demo nothing can leave."""

    def dial(self, server: SmtpServer) -> SmtpLine:
        try:
            known = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
        except OSError as problem:
            raise ServerUnreachable(f"The mail server {server.host} is not known.") from problem
        if not all(ipaddress.ip_address(found[4][0]).is_loopback for found in known):
            raise ServerUnreachable("In the demo nothing leaves this machine.")
        return dial(server)
