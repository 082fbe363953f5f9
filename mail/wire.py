"""The bytes of a conversation with a mail server: a socket with a time budget and a reader with limits."""

import re
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import NoReturn

from mail.errors import BadReply, LineLost, TlsFailed, TooSlow

READ_SIZE = (
    65_536  # several messages: each read is three calls of the system, and lets other threads in
)
BULK_READ_SIZE = 262_144
WRITE_SIZE = 262_144
LONGEST_QUOTE = 200  # bytes of what was no reply
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Wire:
    """Writes and reads.

    All waiting is paid from one budget of seconds, renewed with each message, so that a server
    that drips one byte a second cannot hold a message longer than that. Time that passes between
    calls costs nothing. `listener` is told what the server says, where somebody watches a test.
    """

    longest_line = 65_536  # bytes

    def __init__(self, sock: socket.socket, *, timeout_seconds: float, budget_seconds: float):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._timeout = timeout_seconds
        self._full_budget = budget_seconds
        self._budget = budget_seconds
        self._ends: float | None = None
        self._received = b""
        self._at = 0  # how far of it has been read: cutting it at each line would copy it each time
        self.is_open = True
        self.last_line = b""  # kept by who reads lines that others judge
        self.listener: Callable[[str], None] | None = None

    @property
    def socket(self) -> socket.socket:
        return self._socket

    def renew_budget(self) -> None:
        """A new message begins."""
        self._budget = self._full_budget

    def allow(self, seconds: float) -> None:
        """What comes next may take so long in all, reading what has come included; until this is called again."""
        self._full_budget = self._budget = seconds
        self._ends = time.monotonic() + seconds

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

    def read_line(self, *, is_patient: bool = False) -> bytes:
        """The next line without its end; raises LineLost, TooSlow or BadReply, and closes the line with it.

        `is_patient` waits as long as the budget lasts.
        """
        while (end := self._received.find(b"\n", self._at)) < 0:
            rest = self._rest()
            if len(rest) > self.longest_line:
                self.bad("The mail server's answer has an endless line.", rest)
            self._received, self._at = rest + self._receive(is_patient=is_patient), 0
        line, self._at = self._received[self._at : end], end + 1
        if len(line) > self.longest_line:
            self.bad("The mail server's answer has an endless line.", line)
        return line.removesuffix(b"\r")

    def read_exactly(self, size: int) -> bytes:
        """So many bytes, whatever they are; raises as `read_line` does."""
        chunks = [self._received[self._at : self._at + size]]
        self._at += len(chunks[0])
        missing = size - len(chunks[0])
        while missing > 0:
            most = max(min(missing, BULK_READ_SIZE), READ_SIZE)
            self._received, self._at = self._receive(is_patient=False, most=most), 0
            chunks.append(self._received[:missing])
            self._at = len(chunks[-1])
            missing -= self._at
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Go on under TLS; what was read before does not count any more."""
        if self._rest():
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

    def _rest(self) -> bytes:
        """What has come and nobody has read."""
        return self._received[self._at :]

    def _receive(self, *, is_patient: bool, most: int = READ_SIZE) -> bytes:
        if not self.is_open:
            raise LineLost("The connection to the mail server is closed.")
        started = self._start_waiting(is_patient=is_patient)
        try:
            received = self._socket.recv(most)
        except OSError as error:
            self._lost(error)
        finally:
            self._budget -= time.monotonic() - started
        if not received:
            self._fail(LineLost("The mail server hung up."), self._rest())
        return received

    def _start_waiting(self, *, is_patient: bool = False) -> float:
        if self._ends is not None:  # a server that never pauses would make nobody wait
            self._budget = min(self._budget, self._ends - time.monotonic())
        if self._budget <= 0:
            self._fail(TooSlow("The mail server took too long for one message."), self._rest())
        timeout = self._budget if is_patient else min(self._budget, self._timeout)
        try:
            self._socket.settimeout(timeout)
        except OSError as error:
            self._lost(error)
        return time.monotonic()

    def _lost(self, error: OSError) -> NoReturn:
        if isinstance(error, TimeoutError):
            slow = TooSlow("The mail server did not answer in time.")
            self._fail(slow, self._rest(), error)
        self._fail(LineLost("The connection to the mail server broke."), self._rest(), error)

    def bad(self, message: str, said: bytes = b"") -> NoReturn:
        self._fail(BadReply(message), said)

    def _fail(self, problem: LineLost, said: bytes, cause: OSError | None = None) -> NoReturn:
        self.close()
        problem.said = readable(said[:LONGEST_QUOTE])
        raise problem from cause

    def _bad_tls(self, message: str) -> NoReturn:
        self.close()
        raise TlsFailed(message)


def readable(text: bytes) -> str:
    """Some servers speak Latin-1; a control character must not reach a log or a page."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError:
        decoded = text.decode("latin-1")
    return CONTROL.sub(" ", decoded)
