"""Calling an IMAP server: connect, encrypt, sign in (RFC 3501, 2595, 4616)."""

import contextlib
import imaplib
import ssl
from dataclasses import dataclass, field
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mail.bearer import Bearer
from mail.calling import call
from mail.errors import (
    BadReply,
    MailError,
    NoEncryption,
    NoInbox,
    NoWayToSignIn,
    ServerRefused,
    ServerUnreachable,
    SignInRefused,
    Throttled,
    TlsFailed,
)
from mail.imap_bearer import sign_in_by_token
from mail.reach import Reach
from mail.smtp import Security, is_near
from mail.steps import UNWATCHED, Step, Watch
from mail.tls import encrypt
from mail.wire import Wire, readable

LONGEST_LITERAL = 64 * 1024 * 1024  # bytes
# What a server says that would take us another time (RFC 5530).
LATER = ("[UNAVAILABLE]", "[LIMIT]", "[INUSE]", "TOO MANY")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapServer:
    """Where the mail of an account is read, and as whom; the fields are those of `SmtpServer`."""

    host: str
    port: int = 993
    security: Security = Security.TLS
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    bearer: Bearer | None = field(default=None, repr=False, compare=False)
    timeout_seconds: float = 30
    total_deadline_seconds: float = 120
    ca_file: str | None = None
    reach: Reach = field(default_factory=Reach)

    def __post_init__(self) -> None:
        object.__setattr__(self, "security", Security(self.security))
        if any(character.isspace() or not character.isprintable() for character in self.host):
            raise ServerUnreachable("A server's name has no spaces or control characters.")


class _Talk(imaplib.IMAP4):
    """imaplib over a wire of ours: with limits and a budget of seconds."""

    def __init__(self, wire: Wire, host: str, port: int) -> None:
        self._wire = wire
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port, self.sock = host, port, self._wire.socket

    def read(self, size: int) -> bytes:
        if size > LONGEST_LITERAL:
            self._wire.bad("The mail server's answer is too long.")
        return self._wire.read_exactly(size)

    def readline(self) -> bytes:
        line = self._wire.last_line = self._wire.read_line()
        if self._wire.listener is not None:
            self._wire.listener(readable(line))
        return line + b"\r\n"

    def send(self, data: Any) -> None:
        self._wire.write(bytes(data))

    def shutdown(self) -> None:
        self._wire.close()

    def go_on_encrypted(self, host: str, ca_file: str | None, watch: Watch) -> None:
        """After the server has agreed to STARTTLS; what it said before does not count any more."""
        encrypt(self._wire, host, ca_file, watch)
        self.sock = self._wire.socket
        self.untagged_responses.clear()
        self._get_capabilities()


class MailboxClient(IMAPClient):  # type: ignore[misc]  # untyped
    """IMAPClient on a line that is connected already."""

    def __init__(self, wire: Wire, server: ImapServer) -> None:
        self._wire = wire
        super().__init__(server.host, server.port, ssl=False)
        self._imap.debug = 0  # a line of a conversation is no line of a log

    def _create_IMAP4(self) -> _Talk:
        return _Talk(self._wire, self.host, self.port)

    def _set_read_timeout(self) -> None:
        """The wire has its own."""

    @property
    def is_encrypted(self) -> bool:
        return isinstance(self._wire.socket, ssl.SSLSocket)

    def begin_encryption(self, server: ImapServer, watch: Watch) -> None:
        """STARTTLS; raises NoEncryption, CertificateRefused, TlsFailed."""
        if not self.has_capability("STARTTLS"):
            raise NoEncryption(f"{server.host} offers no encryption; nothing was sent to it.")
        answer, _text = self._imap._simple_command("STARTTLS")
        if answer != "OK":
            raise TlsFailed(f"{server.host} does not begin with encryption.")
        self._imap.go_on_encrypted(server.host, server.ca_file, watch)
        self._cached_capabilities = None

    def quit(self) -> None:
        """Say goodbye and close; never raises."""
        with contextlib.suppress(MailError, imaplib.IMAP4.error):
            self.logout()  # whoever leaves does not mind how the other hangs up
        self._wire.close()


def open_mailbox(server: ImapServer, watch: Watch = UNWATCHED) -> MailboxClient:
    """A mailbox with somebody signed in; raises MailError, and nothing stays open then."""
    sock = call(
        server.host,
        server.port,
        server.reach,
        timeout_seconds=server.timeout_seconds,
        watch=watch,
    )
    wire = Wire(
        sock,
        timeout_seconds=server.timeout_seconds,
        budget_seconds=server.total_deadline_seconds,
    )
    try:
        client = _greet(wire, server, watch)
        with watch.step(Step.SIGN_IN, wire):
            _sign_in(client, wire, server)
    except BaseException:
        wire.close()
        raise
    return client


def select_inbox(client: MailboxClient, watch: Watch = UNWATCHED) -> None:
    """Look into INBOX without changing anything; raises NoInbox or another MailError."""
    with watch.step(Step.INBOX, client._wire):
        try:
            watch.found({"messages": int(client.select_folder("INBOX", readonly=True)[b"EXISTS"])})
        except IMAPClientAbortError as problem:
            raise BadReply(f"The mail server broke off: {problem}") from problem
        except (IMAPClientError, KeyError) as problem:
            raise NoInbox(f"The inbox cannot be opened: {problem}") from problem


def _greet(wire: Wire, server: ImapServer, watch: Watch) -> MailboxClient:
    if server.security is Security.TLS:
        with watch.step(Step.TLS, wire):
            encrypt(wire, server.host, server.ca_file, watch)
    with watch.step(Step.HELLO, wire):
        client = _introduced(wire, server)
        watch.found(_facts(client))
    if server.security is Security.STARTTLS:
        with watch.step(Step.TLS, wire):
            try:
                client.begin_encryption(server, watch)
            except imaplib.IMAP4.error as problem:
                raise TlsFailed(f"{server.host} does not begin with encryption.") from problem
    return client


def _introduced(wire: Wire, server: ImapServer) -> MailboxClient:
    try:
        return MailboxClient(wire, server)
    except imaplib.IMAP4.error as problem:
        if not isinstance(problem, imaplib.IMAP4.abort) and wire.last_line.startswith(b"* "):
            raise ServerRefused(f"The mail server said: {readable(wire.last_line)}") from problem
        garbage = BadReply("The mail server answered with something that is no IMAP reply.")
        garbage.said = readable(wire.last_line)
        raise garbage from problem


def _facts(client: MailboxClient) -> dict[str, object]:
    return {"capabilities": sorted(each.decode("latin-1") for each in client.capabilities())}


def _sign_in(client: MailboxClient, wire: Wire, server: ImapServer) -> None:
    login, password = server.login or "", server.password or ""
    if not client.is_encrypted and not is_near(str(wire.socket.getpeername()[0])):
        raise NoEncryption(
            f"A password goes to {server.host} over an encrypted line only; nothing was sent."
        )
    if not all(each.isprintable() for each in (login, password)):
        raise SignInRefused("A login and a password have no control characters.")
    try:
        if server.bearer is not None:
            sign_in_by_token(client, server.bearer, login=login, host=server.host, port=server.port)
        elif client.has_capability("AUTH=PLAIN"):
            client.plain_login(login, password)
        elif client.has_capability("LOGINDISABLED") or not (login + password).isascii():
            raise NoWayToSignIn(f"{server.host} offers no way to sign in with a password.")
        else:
            client.login(login, password)
    except imaplib.IMAP4.abort as problem:
        raise BadReply("The mail server broke off while signing in.") from problem
    except (LoginError, imaplib.IMAP4.error) as problem:
        kind = Throttled if any(word in str(problem).upper() for word in LATER) else SignInRefused
        raise kind(f"The mail server said: {problem}") from problem
