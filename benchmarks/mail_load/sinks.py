"""Servers that take mail and throw it away, and postfix's own source to compare with."""

import asyncio
import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

LINES = 4


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def program(name: str) -> str | None:
    """Postfix's program, if it is there."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's smtp-sink; its port."""
    port = free_port()
    as_whom = ["-u", "postfix"] if os.geteuid() == 0 else []
    command = [str(program("smtp-sink")), *as_whom, f"127.0.0.1:{port}", "1000"]
    with _running(subprocess.Popen(command), port):
        yield port


@contextlib.contextmanager
def tls_sink(certificate: str) -> Iterator[int]:
    """Our own sink, which can STARTTLS."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.mail_load.sinks", str(port), certificate]
    with _running(subprocess.Popen(command), port):
        yield port


def smtp_source_rate(port: int, *, messages: int, size: int) -> float:
    """Messages a second of `smtp-source -d -s 4`: connections are kept, nothing is recorded."""
    command = [str(program("smtp-source")), "-d", "-s", str(LINES), "-l", str(size), "-m"]
    command += [str(messages), "-f", "from@example.com", "-t", "to@example.com"]
    began = time.monotonic()
    subprocess.run([*command, f"127.0.0.1:{port}"], check=True)
    return messages / (time.monotonic() - began)


@contextlib.contextmanager
def _running(process: "subprocess.Popen[bytes]", port: int) -> Iterator[None]:
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


class _Sink(asyncio.Protocol):
    """As little as a sender needs: EHLO, STARTTLS, MAIL, RCPT, DATA, RSET, QUIT."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self.buffer = b""
        self.in_body = False
        self.is_encrypted = False
        self.is_upgrading = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        if not self.is_encrypted:
            transport.write(b"220 sink\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.is_upgrading:
            return  # what the client says first may come before start_tls() has returned
        answers = []
        while True:
            if self.in_body:
                at = self.buffer.find(b"\r\n.\r\n")
                if at < 0:
                    self.buffer = self.buffer[-4:]
                    break
                self.buffer = self.buffer[at + 5 :]
                self.in_body = False
                answers.append(b"250 ok\r\n")
                continue
            line, end, rest = self.buffer.partition(b"\r\n")
            if not end:
                break
            self.buffer = rest
            verb = line[:4].upper()
            if verb == b"STAR":
                self.is_upgrading = True
                self.upgrade = asyncio.get_running_loop().create_task(self._encrypt())
                return
            if verb == b"DATA":
                self.in_body = True
                # So that a body in the same burst is found whole.
                self.buffer = b"\r\n" + self.buffer
            answers.append(self._answer(verb))
        if answers:
            self.transport.write(b"".join(answers))  # type: ignore[attr-defined]

    def _answer(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            more = b"" if self.is_encrypted else b"250-STARTTLS\r\n"
            return b"250-sink\r\n250-PIPELINING\r\n" + more + b"250 8BITMIME\r\n"
        return {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n")

    async def _encrypt(self) -> None:
        self.transport.write(b"220 go\r\n")  # type: ignore[attr-defined]
        self.is_encrypted = True
        self.buffer = b""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            transport = await loop.start_tls(
                self.transport,
                self,
                self.context,
                server_side=True,  # type: ignore[arg-type]
            )
            if transport is not None:
                self.transport = transport
                self.is_upgrading = False
                self.data_received(b"")


async def _serve(port: int, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Sink(context), "127.0.0.1", port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
