"""Calling an SMTP server: connect, encrypt, sign in (RFC 5321, 3207, 4954)."""

import base64
import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from mail.bearer import Bearer
from mail.calling import call
from mail.errors import (
    LineLost,
    MailError,
    NoEncryption,
    NoWayToSignIn,
    ServerRefused,
    ServerUnreachable,
    SignInRefused,
    Throttled,
    TlsFailed,
)
from mail.reach import Reach
from mail.reply import Reply
from mail.smtp_bearer import sign_in_by_token
from mail.smtp_features import Features
from mail.smtp_line import SmtpLine
from mail.smtp_wire import SmtpWire
from mail.steps import UNWATCHED, Step, Watch
from mail.tls import encrypt
from mail.verdict import Stage, classify


class Security(StrEnum):
    """How the line is encrypted; NONE is for the own machine and the own network."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """Where to send through, and as whom.

    `timeout_seconds` is for each answer, `total_deadline_seconds` for all waiting of one message
    (and of the call). `ca_file` holds further authorities to trust, PEM. `local_hostname` is how
    we greet; without it, by our IP address. Whoever has a `bearer` signs in by its token and not by
    a password. `reach` says which servers may be called at all.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    bearer: Bearer | None = field(default=None, repr=False, compare=False)
    timeout_seconds: float = 30
    total_deadline_seconds: float = 120
    ca_file: str | None = None
    local_hostname: str | None = None
    reach: Reach = field(default_factory=Reach)

    def __post_init__(self) -> None:
        # A plain "tls" from a column must not pass for something that is not TLS.
        object.__setattr__(self, "security", Security(self.security))
        for name in (self.host, self.local_hostname or ""):
            if any(character.isspace() or not character.isprintable() for character in name):
                raise ServerUnreachable("A server's name has no spaces or control characters.")


def dial(server: SmtpServer, watch: Watch = UNWATCHED) -> SmtpLine:
    """Open a line that is ready for the first envelope.

    Raises ServerUnreachable, NotAllowed, ServerRefused, Throttled, TlsFailed, CertificateRefused or
    SignInRefused; nothing stays open then.
    """
    sock = call(
        server.host,
        server.port,
        server.reach,
        timeout_seconds=server.timeout_seconds,
        watch=watch,
    )
    wire = SmtpWire(
        sock,
        timeout_seconds=server.timeout_seconds,
        budget_seconds=server.total_deadline_seconds,
    )
    try:
        return _greet(wire, server, watch)
    except BaseException:
        wire.close()
        raise


def _greet(wire: SmtpWire, server: SmtpServer, watch: Watch) -> SmtpLine:
    if server.security is Security.TLS:
        with watch.step(Step.TLS, wire):
            encrypt(wire, server.host, server.ca_file, watch)
    with watch.step(Step.HELLO, wire):
        _accepted(Stage.CONNECT, wire.read_reply())
        features = _introduce(wire, server, watch)
    if server.security is Security.STARTTLS:
        with watch.step(Step.TLS, wire):
            if not features.has_starttls:
                raise NoEncryption(f"{server.host} offers no encryption; nothing was sent to it.")
            wire.write(b"STARTTLS\r\n")
            _accepted(Stage.STARTTLS, wire.read_reply())
            encrypt(wire, server.host, server.ca_file, watch)
        with watch.step(Step.HELLO, wire):
            # What was said before could be anybody's word.
            features = _introduce(wire, server, watch)
    if server.login is not None:
        with watch.step(Step.SIGN_IN, wire):
            _sign_in(wire, server, features)
    return SmtpLine(wire, features)


def _introduce(wire: SmtpWire, server: SmtpServer, watch: Watch) -> Features:
    name = server.local_hostname or _address_literal(wire.socket)
    wire.write(f"EHLO {name}\r\n".encode("ascii", "replace"))
    features = Features.from_ehlo(_accepted(Stage.EHLO, wire.read_reply()))
    watch.found(features.as_facts())
    return features


def _address_literal(sock: socket.socket) -> str:
    address = str(sock.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _sign_in(wire: SmtpWire, server: SmtpServer, features: Features) -> None:
    is_encrypted = isinstance(wire.socket, ssl.SSLSocket)
    if not is_encrypted and not is_near(str(wire.socket.getpeername()[0])):
        raise NoEncryption(
            f"A password goes to {server.host} over an encrypted line only; nothing was sent."
        )
    login, password = server.login or "", server.password or ""
    if server.bearer is not None:
        reply = sign_in_by_token(
            wire,
            server.bearer,
            features.sign_in_methods,
            login=login,
            host=server.host,
            port=server.port,
        )
        _accepted(Stage.AUTH, reply)
        return
    if "PLAIN" in features.sign_in_methods:
        response = base64.b64encode(f"\0{login}\0{password}".encode())
        wire.write(b"AUTH PLAIN " + response + b"\r\n")
    elif "LOGIN" in features.sign_in_methods:
        for line in (b"AUTH LOGIN", base64.b64encode(login.encode())):
            wire.write(line + b"\r\n")
            reply = wire.read_reply()
            if reply.code != 334:
                raise refusal(Stage.AUTH, reply)
        wire.write(base64.b64encode(password.encode()) + b"\r\n")
    else:
        raise NoWayToSignIn(f"{server.host} offers no way to sign in with a password.")
    _accepted(Stage.AUTH, wire.read_reply())


def is_near(address: str) -> bool:
    """Whether an IP address is of this machine or of a private network."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_private)


def _accepted(stage: Stage, reply: Reply) -> Reply:
    if reply.is_positive:
        return reply
    raise refusal(stage, reply)


def refusal(stage: Stage, reply: Reply) -> MailError:
    """The error for a refusal before the first message."""
    if reply.code // 100 == 3:
        return LineLost("The mail server asked for something that nobody had offered.")
    kind = {
        "throttled": Throttled,
        "auth_failed": SignInRefused,
        "tls_failed": TlsFailed,
    }.get(classify(stage, reply).reason_code or "", ServerRefused)
    problem = kind(f"The mail server said: {reply}")
    problem.reply = reply
    return problem
