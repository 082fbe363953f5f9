"""The bytes of an SMTP conversation: a socket with a time budget and a reader with limits."""

import re
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import NoReturn

from mail.errors import BadReply, LineLost, TlsFailed, TooSlow
from mail.reply import Reply

LONGEST_LINE = 4096  # bytes; RFC 5321 allows 512, real servers write more
LONGEST_QUOTE = 200  # bytes of what was no reply
MOST_LINES = 128  # of one reply
READ_SIZE = 16_384
WRITE_SIZE = 262_144
REPLY_LINE = re.compile(rb"([2-5][0-9][0-9])([ -]?)(.*)", re.DOTALL)
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class SmtpWire:
    """Writes commands and reads replies.

    All waiting is paid from one budget of seconds, renewed with each message, so that a server
    that drips one byte a second cannot hold a message longer than that. Time that passes between
    calls costs nothing.
    """

    def __init__(self, sock: socket.socket, *, timeout_seconds: float, budget_seconds: float):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._timeout = timeout_seconds
        self._full_budget = budget_seconds
        self._budget = budget_seconds
        self._unread = b""
        self.is_open = True
        self.listener: Callable[[Reply], None] | None = None  # told each reply, in a test

    @property
    def socket(self) -> socket.socket:
        return self._socket

    def renew_budget(self) -> None:
        """A new message begins."""
        self._budget = self._full_budget

    def allow(self, seconds: float) -> None:
        """What comes next may take so long, until this is called again."""
        self._full_budget = self._budget = seconds

    def write(self, data: bytes) -> None:
        """Send all of `data`; raises LineLost or TooSlow."""
        if not self.is_open:
            raise LineLost("The connection to the mail server is closed.")
        rest = memoryview(data)
        while rest:
            started = self._start_waiting()
            try:
                sent = self._socket.send(rest[:WRITE_SIZE])
            except OSError as error:
                self._lost(error)
            finally:
                self._budget -= time.monotonic() - started
            rest = rest[sent:]

    def read_reply(self, *, is_patient: bool = False) -> Reply:
        """The next reply, of one line or several.

        `is_patient` waits as long as the budget lasts: after the final dot, hanging up early is
        what leaves a doubt. Raises LineLost, TooSlow or BadReply, and closes the line with it.
        """
        lines: list[str] = []
        code = None
        while True:
            line = self._read_line(is_patient=is_patient)
            match = REPLY_LINE.fullmatch(line)
            if match is None or (code is not None and match[1] != code):
                self._bad("The mail server answered with something that is no SMTP reply.", line)
            code = match[1]
            lines.append(_readable(match[3]))
            if match[2] != b"-":
                break
            if len(lines) >= MOST_LINES:
                self._bad("The mail server's answer does not end.")
        reply = Reply(int(code), "\n".join(lines))
        if self.listener is not None:
            self.listener(reply)
        if reply.code == 421:  # RFC 5321, section 3.8: the server hangs up after it
            self.close()
        return reply

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on under TLS; what was read before does not count any more."""
        if self._unread:
            self._bad_tls("The mail server sent more than it may before encryption began.")
        started = self._start_waiting()
        try:
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        finally:
            self._budget -= time.monotonic() - started

    def cut(self) -> None:
        """Close at once and throw away what the system has not sent yet; from any thread."""
        try:
            linger = struct.pack("ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # Wakes a reader in another thread; not SSLSocket's own, which would go on in the clear.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        except OSError:
            pass  # closed already
        self.close()

    def close(self) -> None:
        """Close without a word."""
        self.is_open = False
        self._socket.close()

    def _read_line(self, *, is_patient: bool) -> bytes:
        while b"\n" not in self._unread:
            if len(self._unread) > LONGEST_LINE:
                self._bad("The mail server's answer has an endless line.", self._unread)
            self._unread += self._receive(is_patient=is_patient)
        line, _, self._unread = self._unread.partition(b"\n")
        if len(line) > LONGEST_LINE:
            self._bad("The mail server's answer has an endless line.", line)
        return line.removesuffix(b"\r")

    def _receive(self, *, is_patient: bool) -> bytes:
        if not self.is_open:
            raise LineLost("The connection to the mail server is closed.")
        started = self._start_waiting(is_patient=is_patient)
        try:
            received = self._socket.recv(READ_SIZE)
        except OSError as error:
            self._lost(error)
        finally:
            self._budget -= time.monotonic() - started
        if not received:
            self._fail(LineLost("The mail server hung up."), self._unread)
        return received

    def _start_waiting(self, *, is_patient: bool = False) -> float:
        if self._budget <= 0:
            self._fail(TooSlow("The mail server took too long for one message."), self._unread)
        timeout = self._budget if is_patient else min(self._budget, self._timeout)
        try:
            self._socket.settimeout(timeout)
        except OSError as error:
            self._lost(error)
        return time.monotonic()

    def _lost(self, error: OSError) -> NoReturn:
        if isinstance(error, TimeoutError):
            slow = TooSlow("The mail server did not answer in time.")
            self._fail(slow, self._unread, error)
        self._fail(LineLost("The connection to the mail server broke."), self._unread, error)

    def _bad(self, message: str, said: bytes = b"") -> NoReturn:
        self._fail(BadReply(message), said)

    def _fail(self, problem: LineLost, said: bytes, cause: OSError | None = None) -> NoReturn:
        self.close()
        problem.said = _readable(said[:LONGEST_QUOTE])
        raise problem from cause

    def _bad_tls(self, message: str) -> NoReturn:
        self.close()
        raise TlsFailed(message)


def _readable(text: bytes) -> str:
    """Some servers speak Latin-1; a control character must not reach a log or a page."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return CONTROL.sub(" ", decoded)
