"""An SMTP server that keeps what it is told and sends nothing on: the far end of a rehearsal.

It listens on this machine only, at a port that nobody knows before, takes messages from whoever has made it and from
nobody else, and is gone with its `with`.
"""

import queue
import secrets
import socket
from collections.abc import Awaitable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from mail.smtp import Security, SmtpServer

HERE = "127.0.0.1"
NAME = "rehearsal.localhost"
LOGIN = "rehearsal"
NO_LIMIT = None  # what is too large is to be looked at, not refused


@dataclass(frozen=True, slots=True)
class Handed:
    """A message as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Sink:
    """`server` is how to reach it; after each accepted message `take` gives that message."""

    def __init__(self) -> None:
        self._password = secrets.token_urlsafe(24)
        self._arrived: queue.SimpleQueue[Handed] = queue.SimpleQueue()
        self._listening = socket.create_server((HERE, 0))
        self._controller = _OnSocket(
            self,
            self._listening,
            data_size_limit=NO_LIMIT,
            enable_SMTPUTF8=True,
            server_hostname=NAME,
            auth_require_tls=False,  # the line does not leave this machine
            authenticator=self._knows,
        )

    @property
    def server(self) -> SmtpServer:
        return SmtpServer(
            host=HERE,
            port=self._listening.getsockname()[1],
            security=Security.NONE,
            login=LOGIN,
            password=self._password,
        )

    def take(self) -> Handed:
        """The next message that was accepted; there is one for each 250. Raises `queue.Empty`."""
        return self._arrived.get_nowait()

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._controller.stop()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 sign in first"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self._arrived.put(
            Handed(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(content))
        )
        return "250 2.0.0 kept"

    def _knows(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, said: Any
    ) -> AuthResult:
        is_known = isinstance(said, LoginPassword) and secrets.compare_digest(
            said.password, self._password.encode()
        )
        return AuthResult(success=is_known, handled=False)


class _OnSocket(Controller):
    """Listens on a socket that is bound already, so that its port is known."""

    def __init__(self, handler: object, listening: socket.socket, **options: Any) -> None:
        super().__init__(handler, hostname=HERE, port=listening.getsockname()[1], **options)
        self._listening = listening

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
