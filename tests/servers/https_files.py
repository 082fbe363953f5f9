"""An HTTPS server on 127.0.0.1 with files, redirects and bad manners."""

import http.server
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Site:
    """What is where, by host and path; `drip_seconds` is the pause after each byte of a body."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    drip_seconds: float = 0


class LocalHttpsServer:
    """Serves `site` from `with` on; `asked` tells who was called for what."""

    def __init__(self, site: Site, *, certificate: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self.site = site
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]  # for the handler below
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Any

    def do_GET(self) -> None:
        owner = self.server.owner
        place = (self.headers["Host"].partition(":")[0], self.path)
        owner.asked.append(place)
        status, headers, body = owner.site.answers.get(place, (404, {}, b""))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not owner.site.drip_seconds:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(owner.site.drip_seconds)

    def log_message(self, *_: object) -> None:
        """Tests look at `asked`."""
