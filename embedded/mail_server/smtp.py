"""The demo's SMTP side: takes every message and keeps it before saying so; who has a mailbox finds it there too."""

from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from embedded.mail_server.mail_store import MailStore
from embedded.mail_server.mailboxes import LARGEST_MESSAGE_BYTES, Mailboxes


def let_in(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
) -> AuthResult:
    """Everybody, with any password but one that begins with `vencida`: to see what a refused one looks like."""
    is_known = isinstance(given, LoginPassword) and not given.password.startswith(b"vencida")
    return AuthResult(success=is_known, handled=False)


class Keeper:
    """Stores what arrives, and refuses some addresses to show what that looks like.

    Those that begin with `rebota` do not exist. Those that begin with `llena` have a full mailbox when they are first
    written to, and room from then on: trying again helps.
    """

    def __init__(self, store: MailStore, mailboxes: Mailboxes) -> None:
        self.store = store
        self.mailboxes = mailboxes
        self._emptied: set[str] = set()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("rebota"):
            return "550 5.1.1 No such mailbox here"
        if address.startswith("llena") and address not in self._emptied:
            self._emptied.add(address)
            return "552 5.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        key = self.store.keep(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        for address in dict.fromkeys(envelope.rcpt_tos):
            self.mailboxes.deliver(address, content)
        return f"250 2.0.0 Ok: queued as {key}"


def smtp_controller(store: MailStore, mailboxes: Mailboxes, port: int) -> Any:
    """The SMTP server on 127.0.0.1; `start()` and `stop()` it."""
    return Controller(
        Keeper(store, mailboxes),
        hostname="127.0.0.1",
        port=port,
        server_hostname="demo.example",
        data_size_limit=LARGEST_MESSAGE_BYTES,
        enable_SMTPUTF8=True,
        authenticator=let_in,
        auth_require_tls=False,  # it listens on this machine only
    )
