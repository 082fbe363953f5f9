"""A name server on 127.0.0.1 that knows what it is told.

with LocalNameServer({("empresa.example", "MX"): ["10 mx1.hostinger.com."]}) as server:
    NameLookup(nameservers=("127.0.0.1",), port=server.port)
"""

import contextlib
import socketserver
import threading
import time
from typing import Any, Self

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = dict[tuple[str, str], list[str]]


class LocalNameServer:
    """Answers by UDP; `silent_seconds` is how long it thinks about each question."""

    def __init__(self, zone: Zone, *, silent_seconds: float = 0) -> None:
        self.asked: list[tuple[str, str]] = []
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answer)
        self._server.daemon_threads = True
        self._server.zone = zone  # type: ignore[attr-defined]  # for the handler below
        self._server.owner = self  # type: ignore[attr-defined]
        self.silent_seconds = silent_seconds
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


class _Answer(socketserver.BaseRequestHandler):
    server: Any

    def handle(self) -> None:
        wire, line = self.request
        question = dns.message.from_wire(wire)
        asked = question.question[0]
        name = asked.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(asked.rdtype)
        self.server.owner.asked.append((name, kind))
        time.sleep(self.server.owner.silent_seconds)
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA
        found = self.server.zone.get((name, kind))
        if found:
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
        elif not any(known == name for known, _kind in self.server.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        with contextlib.suppress(OSError):  # the test is over
            line.sendto(answer.to_wire(), self.client_address)
