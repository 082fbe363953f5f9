"""One connection to the recording SMTP server."""

import base64
import contextlib
import email.parser
import email.policy
import socket
import socketserver
import ssl
import struct
import time
from typing import Any

from tests.servers.smtp_rules import Accepted, Rule


class HangUp(Exception):
    """The conversation ends here."""


class Conversation(socketserver.BaseRequestHandler):
    """One connection."""

    server: Any  # the listener, whose `owner` is the RecordingSmtpServer

    def handle(self) -> None:
        self.owner = self.server.owner
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
            *([f"AUTH {options.sign_in_methods}"] if self.wants_sign_in else []),
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
        if method.upper() in ("XOAUTH2", "OAUTHBEARER"):
            self.take_token(base64.b64decode(first or self.challenge("")).decode())
            return
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

    def take_token(self, told: str) -> None:
        """XOAUTH2 and OAUTHBEARER; what is wrong with a token comes as a challenge first (RFC 7628)."""
        fields = dict(part.partition("=")[::2] for part in told.split("\x01") if "=" in part)
        login = fields.get("user") or fields.get("n,a", "").rstrip(",")
        owner = self.options.tokens.get(fields.get("auth", "").removeprefix("Bearer "))
        if owner not in (login, "*"):
            self.challenge('{"status":"401","schemes":"bearer","scope":"mail"}')
            self.answer("auth", "535 5.7.8 Username and Password not accepted")
        elif self.answer("auth", "235 2.7.0 welcome"):
            self.login = login

    def on_mail(self, rest: str) -> None:
        if self.wants_sign_in and not self.login:
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
    def wants_sign_in(self) -> bool:
        by_token = {"XOAUTH2", "OAUTHBEARER"} & set(self.options.sign_in_methods.split())
        return bool(self.options.login or by_token)

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
