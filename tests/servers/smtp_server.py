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
import contextlib
import os
import signal
import socket
import socketserver
import ssl
import threading
from pathlib import Path
from typing import Any, Self

from tests.servers.smtp_conversation import Conversation
from tests.servers.smtp_rules import Accepted, Rule, ServerOptions

__all__ = ["Accepted", "RecordingSmtpServer", "Rule", "ServerOptions"]


class RecordingSmtpServer:
    """Listens on 127.0.0.1 from `with` on; `accepted` and `commands` tell what came."""

    def __init__(self, options: ServerOptions | None = None, *, record: Path | None = None) -> None:
        self.options = options or ServerOptions()
        self.accepted: list[Accepted] = []
        self.commands: list[str] = []  # every command line as received, over all connections
        self.connections = 0
        self.lock = threading.Lock()
        self.tls = _tls_context(self.options.certificate)
        self._record = record.open("a", encoding="utf-8") if record else None
        self._sockets: set[socket.socket] = set()
        self._listener = _Listener(("127.0.0.1", 0), Conversation)
        self._listener.owner = self
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
    owner: RecordingSmtpServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that vanish are what the tests are about."""


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
