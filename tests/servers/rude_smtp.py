"""A server that says exactly what a test tells it, byte for byte."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self


class RudeServer:
    """Calls `script(connection)` for each connection, on 127.0.0.1, from `with` on."""

    def __init__(self, script: Callable[["Connection"], None]) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[Connection] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def received(self) -> bytes:
        """All that came in, over all connections."""
        return b"".join(connection.received for connection in self._connections)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(sock)
            self._connections.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: "Connection") -> None:
        with contextlib.suppress(OSError, EOFError):
            self._script(connection)
        connection.close()


class Connection:
    """The server's end of one conversation."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.received = b""
        self._read_until = 0

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def wait_for(self, ending: bytes) -> bytes:
        """Read up to and with `ending`; what comes after it stays for the next call."""
        while (at := self.received.find(ending, self._read_until)) < 0:
            data = self.sock.recv(65_536)
            if not data:
                raise EOFError
            self.received += data
        begin, self._read_until = self._read_until, at + len(ending)
        return self.received[begin : self._read_until]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
