"""The embedded Valkey: the bell of the queue and the counters of rate limits."""

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

from embedded.binaries import valkey_program
from embedded.data_folder import DataFolder
from embedded.process import spawn


class Valkey:
    """Valkey on a unix socket that only our own account can open, kept on disk by its AOF."""

    name = "valkey"
    title = "Valkey"
    # What to send, and how many seconds to wait before the next, harder one.
    stops = ((signal.SIGTERM, 4.0),)

    def __init__(self, folder: DataFolder, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = env
        self._files = folder.path / "valkey"
        self._program = Path()

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}?db=0"

    def prepare(self) -> list[str]:
        """Make what is missing; answer what the person at the terminal should know."""
        self._program = valkey_program(self._env)
        self._files.mkdir(mode=0o700, exist_ok=True)
        self._folder.prepare_socket_folder(self.name, self._folder.path, None)
        return []

    def spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; `is_ready` tells when it answers."""
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._files),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        argv: list[str | Path] = [self._program]
        for name, setting in options.items():
            argv += [f"--{name}", setting]
        return spawn(argv, cwd=self._files, env=os.environ, output=log, death_signal=signal.SIGTERM)

    def is_ready(self) -> bool:
        """Whether the server answers a PING."""
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(2)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    @property
    def _socket(self) -> Path:
        return self._folder.socket_folder(self.name) / "valkey.sock"
