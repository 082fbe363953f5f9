"""A recording SMTP server that can be told to misbehave, in a thread or as a process.

    with RecordingSmtpServer(ServerOptions(rules=[Rule("rcpt", reply="550 5.1.1 no")])) as server:
        ...
        server.accepted  # what got a 250 after its final dot

    python -m tests.servers.smtp_server --port-file F --record F [--options JSON] [--keep FOLDER]

As a process it lives on when senders are killed; it writes its port to the port file when it
listens, ends at SIGTERM, and reads the JSON form of ServerOptions:

    {"has_pipelining": false, "rules": [{"point": "mail", "reply": "451 4.3.0 later", "times": 3}]}

Every accepted message is one JSON line in the record, written before its 250.
"""

import argparse
import base64
import contextlib
import dataclasses
import email.parser
import email.policy
import json
import os
import signal
import socket
import socketserver
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

# The points at which a rule can strike, in the order of a conversation:
# connect, banner, ehlo, starttls, tls, auth, mail, rcpt, data (the verb), body_half (in the middle
# of the message), dot (complete, not recorded), recorded (recorded, not answered yet), replied.
POINTS = (
    *("connect", "banner", "ehlo", "starttls", "tls", "auth", "mail", "rcpt", "data"),
    *("body_half", "dot", "recorded", "replied", "rset", "quit"),
)


@dataclass(kw_only=True)
class Rule:
    """What to do at `point` in place of the right thing.

    `action`: "reply" (say `reply`, which may have several lines or be garbage; "\\r\\n" is added),
    "drop" (hang up), "reset" (hang up with RST), "hang" (say nothing for `seconds`, then hang up),
    "drip" (say `reply` or the right thing with `seconds` between bytes), "delay" (wait `seconds`,
    then do the right thing). It strikes when all given conditions hold: `recipient` is part of the
    address, this is the point's `nth` time (from 1) or each `every`-th time, and it has struck
    less than `times` times. Counting is over the whole life of the server.
    """

    point: str
    action: str = "reply"
    reply: str = ""
    recipient: str | None = None
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    seconds: float = 60
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        assert self.point in POINTS, self.point

    def strikes(self, recipients: list[str]) -> bool:
        if self.recipient is not None and not any(self.recipient in each for each in recipients):
            return False
        self.seen += 1
        fits = (
            (self.nth is None or self.seen == self.nth)
            and (self.every is None or self.seen % self.every == 0)
            and (self.times is None or self.struck < self.times)
        )
        self.struck += fits
        return fits


@dataclass(kw_only=True)
class ServerOptions:
    """What the server can do and how it fails; `certificate` is a PEM file with key."""

    has_pipelining: bool = True
    has_starttls: bool = False  # needs a certificate
    has_implicit_tls: bool = False  # needs a certificate
    has_size: bool = True
    has_8bitmime: bool = True
    has_smtputf8: bool = True
    longest_message: int = 0  # bytes; 0 names no limit
    certificate: str | None = None
    login: str | None = None
    password: str | None = None
    sign_in_methods: str = "PLAIN LOGIN"
    reply_delay_seconds: float = 0
    rules: list[Rule] = field(default_factory=list)
    keep_messages_in: str | None = None  # a folder for the raw messages

    @classmethod
    def from_json(cls, text: str) -> Self:
        fields = json.loads(text)
        return cls(**{**fields, "rules": [Rule(**rule) for rule in fields.get("rules", [])]})

    def as_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


@dataclass
class Accepted:
    """One message that got, or was about to get, its 250."""

    message_id: str
    delivery_id: str
    sender: str
    recipients: list[str]
    size: int
    at: float
    login: str | None
    is_encrypted: bool
    raw: bytes = b""  # only in the list of the thread, not in the record file

    def as_json(self) -> str:
        return json.dumps({k: v for k, v in dataclasses.asdict(self).items() if k != "raw"})


class HangUp(Exception):
    """The conversation ends here."""


class RecordingSmtpServer:
    """Listens on 127.0.0.1 from `with` on; `accepted`, `sessions` and `commands` tell what came."""

    def __init__(self, options: ServerOptions | None = None, *, record: Path | None = None) -> None:
        self.options = options or ServerOptions()
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []  # every command line as received, over all connections
        self.connections = 0
        self.lock = threading.Lock()
        self.tls = _tls_context(self.options.certificate)
        self._record = record.open("a", encoding="utf-8") if record else None
        self._sockets: set[socket.socket] = set()
        self._listener = _Listener(("127.0.0.1", 0), _Handler)
        self._listener.server = self
        self._thread = threading.Thread(
            target=self._listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        return self._listener.server_address[1]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        with self.lock:
            for sock in self._sockets:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        if self._record:
            self._record.close()

    def rule_at(self, point: str, recipients: list[str]) -> Rule | None:
        with self.lock:
            for rule in self.options.rules:
                if rule.point == point and rule.strikes(recipients):
                    return rule
        return None

    def keep(self, message: Accepted) -> int:
        with self.lock:
            self.accepted.append(message)
            number = len(self.accepted)
            if self._record:
                self._record.write(message.as_json() + "\n")
                self._record.flush()  # before the 250: what we accepted is never forgotten
        if self.options.keep_messages_in:
            (Path(self.options.keep_messages_in) / f"{number:06}.eml").write_bytes(message.raw)
        return number

    def opened(self, sock: socket.socket) -> None:
        with self.lock:
            self.connections += 1
            self._sockets.add(sock)

    def closed(self, sock: socket.socket) -> None:
        with self.lock:
            self._sockets.discard(sock)

    def heard(self, command: str) -> None:
        with self.lock:
            self.commands.append(command)


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    server: RecordingSmtpServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that vanish are what the tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    """One connection."""

    server: _Listener

    def handle(self) -> None:
        self.owner = self.server.server
        self.options = self.owner.options
        self.sock: socket.socket = self.request
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.login: str | None = None
        self.owner.opened(self.request)
        try:
            self.converse()
        except (HangUp, OSError):
            pass
        finally:
            self.owner.closed(self.request)
            with contextlib.suppress(OSError):
                self.sock.close()

    def converse(self) -> None:
        self.forget_envelope()
        self.misbehave("connect")
        if self.options.has_implicit_tls:
            self.encrypt()
        self.answer("banner", "220 test.example ESMTP")
        while True:
            line = self.read_line().decode("utf-8", "replace")
            self.owner.heard(line)
            verb, _, rest = line.partition(" ")
            handler = getattr(self, f"on_{verb.lower()}", None)
            if handler is None:
                self.say("500 5.5.2 command not recognised")
            else:
                handler(rest)

    def on_ehlo(self, name: str) -> None:
        self.forget_envelope()
        options = self.options
        offers = [
            "test.example greets you",
            *(["PIPELINING"] if options.has_pipelining else []),
            *([f"SIZE {options.longest_message}"] if options.has_size else []),
            *(["8BITMIME"] if options.has_8bitmime else []),
            *(["SMTPUTF8"] if options.has_smtputf8 else []),
            *(["STARTTLS"] if options.has_starttls and not self.is_encrypted else []),
            *([f"AUTH {options.sign_in_methods}"] if options.login else []),
            "ENHANCEDSTATUSCODES",
        ]
        lines = [f"250-{offer}" for offer in offers[:-1]] + [f"250 {offers[-1]}"]
        self.answer("ehlo", "\r\n".join(lines))

    def on_starttls(self, _: str) -> None:
        if not self.options.has_starttls:
            self.say("502 5.5.1 not offered")
        elif self.answer("starttls", "220 2.0.0 go ahead"):
            self.buffer = b""
            self.encrypt()

    def on_auth(self, rest: str) -> None:
        method, _, first = rest.partition(" ")
        if method.upper() == "PLAIN":
            _, login, password = base64.b64decode(first or self.challenge("")).split(b"\0")
        else:
            login = base64.b64decode(self.challenge("Username:"))
            password = base64.b64decode(self.challenge("Password:"))
        is_right = (login.decode(), password.decode()) == (
            self.options.login,
            self.options.password,
        )
        if not is_right:
            self.answer("auth", "535 5.7.8 wrong login or password")
        elif self.answer("auth", "235 2.7.0 welcome"):
            self.login = login.decode()

    def on_mail(self, rest: str) -> None:
        if self.options.login and not self.login:
            self.say("530 5.7.0 sign in first")
        elif self.sender is not None:
            self.say("503 5.5.1 nested MAIL")
        elif self.answer("mail", "250 2.1.0 ok"):
            self.sender = rest.partition("<")[2].partition(">")[0]

    def on_rcpt(self, rest: str) -> None:
        recipient = rest.partition("<")[2].partition(">")[0]
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
        elif self.answer("rcpt", "250 2.1.5 ok", [recipient]):
            self.recipients.append(recipient)

    def on_data(self, _: str) -> None:
        if not self.recipients:
            # A rule may still make it say 354, as RFC 2920 allows.
            if self.answer("data", "554 5.5.1 no valid recipients"):
                return
            if not self.has_said_354:
                return
        elif not self.answer("data", "354 end with a dot") and not self.has_said_354:
            return
        self.take_message()

    def on_rset(self, _: str) -> None:
        self.forget_envelope()
        self.answer("rset", "250 2.0.0 forgotten")

    def on_noop(self, _: str) -> None:
        self.say("250 2.0.0 ok")

    def on_quit(self, _: str) -> None:
        self.answer("quit", "221 2.0.0 bye")
        raise HangUp

    def take_message(self) -> None:
        lines: list[bytes] = []
        rule = self.owner.rule_at("body_half", self.recipients)
        while (line := self.read_line(keep_end=True)) != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
            if rule and sum(map(len, lines)) > 4_000:
                self.strike(rule, "")
                rule = None
        raw = b"".join(lines)
        recipients, sender = self.recipients, self.sender or ""
        self.forget_envelope()
        if not recipients:
            self.say("554 5.5.1 no valid recipients")
            return
        rule = self.owner.rule_at("dot", recipients)
        if rule and not self.strike(rule, ""):
            return
        number = self.owner.keep(self.accepted(raw, sender, recipients))
        self.answer("recorded", f"250 2.0.0 ok: queued as T{number:06}", recipients)
        self.misbehave("replied", recipients)

    def accepted(self, raw: bytes, sender: str, recipients: list[str]) -> Accepted:
        head = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        headers = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
        return Accepted(
            message_id=str(headers["Message-ID"] or "").strip(),
            delivery_id=str(headers["X-Ventanilla-Delivery"] or "").strip(),
            sender=sender,
            recipients=recipients,
            size=len(raw),
            at=time.time(),
            login=self.login,
            is_encrypted=self.is_encrypted,
            raw=raw,
        )

    # --- below here: how it speaks ---

    @property
    def is_encrypted(self) -> bool:
        return isinstance(self.sock, ssl.SSLSocket)

    def forget_envelope(self) -> None:
        self.sender: str | None = None
        self.recipients: list[str] = []
        self.has_said_354 = False

    def encrypt(self) -> None:
        self.misbehave("tls")
        assert self.owner.tls is not None, "the options name no certificate"
        self.sock = self.owner.tls.wrap_socket(self.sock, server_side=True)

    def challenge(self, text: str) -> bytes:
        self.say("334 " + base64.b64encode(text.encode()).decode())
        return self.read_line()

    def answer(self, point: str, right: str, recipients: list[str] | None = None) -> bool:
        """Say the right thing, or what a rule says; whether it was the right thing."""
        rule = self.owner.rule_at(point, recipients or self.recipients)
        if rule is None:
            self.say(right)
            return True
        return self.strike(rule, right, says_it=True)

    def misbehave(self, point: str, recipients: list[str] | None = None) -> None:
        if rule := self.owner.rule_at(point, recipients or self.recipients):
            self.strike(rule, "")

    def strike(self, rule: Rule, right: str, *, says_it: bool = False) -> bool:
        """Do what the rule says; True if the right thing has still been done, or may be."""
        if rule.action == "drop":
            raise HangUp
        if rule.action == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise HangUp
        if rule.action == "hang":
            time.sleep(rule.seconds)
            raise HangUp
        if rule.action == "delay":
            time.sleep(rule.seconds)
            if says_it:
                self.say(right)
            return True
        if rule.action == "drip":
            for byte in (rule.reply or right).encode("latin-1") + b"\r\n":
                self.sock.sendall(bytes([byte]))
                time.sleep(rule.seconds)
            return not rule.reply
        assert rule.action == "reply", rule.action
        self.has_said_354 = rule.reply.startswith("354")
        self.say(rule.reply)
        if rule.reply.startswith("421"):
            raise HangUp
        return False

    def say(self, text: str) -> None:
        if self.options.reply_delay_seconds:
            time.sleep(self.options.reply_delay_seconds)
        self.sock.sendall(text.encode("latin-1") + b"\r\n")

    def read_line(self, *, keep_end: bool = False) -> bytes:
        while b"\n" not in self.buffer:
            received = self.sock.recv(262_144)
            if not received:
                raise HangUp
            self.buffer += received
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n" if keep_end else line.rstrip(b"\r")


def _tls_context(certificate: str | None) -> ssl.SSLContext | None:
    if certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def main() -> None:
    parser = argparse.ArgumentParser(description="A recording SMTP server for fault tests.")
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--options", default="{}", help="ServerOptions as JSON")
    parser.add_argument("--keep", help="folder for the raw messages")
    arguments = parser.parse_args()
    options = ServerOptions.from_json(arguments.options)
    options.keep_messages_in = arguments.keep or options.keep_messages_in
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    with RecordingSmtpServer(options, record=arguments.record) as server:
        beside = arguments.port_file.with_suffix(".new")
        beside.write_text(str(server.port))
        beside.rename(arguments.port_file)  # whoever sees the file sees a whole number
        threading.Event().wait()


if __name__ == "__main__":
    main()
