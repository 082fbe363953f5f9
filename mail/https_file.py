"""Reading one small file from a stranger's server without being led anywhere else."""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

from mail.errors import ServerUnreachable
from mail.name_lookup import NameLookup

PORT = 443
MOST_BYTES = 256 * 1024
SHARED = ipaddress.ip_network("100.64.0.0/10")  # of providers behind NAT (RFC 6598)


def is_public(address: str) -> bool:
    """Whether an IP address is of the open internet: not this machine's, not a private network's."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    for each in (parsed, inner):
        if each is not None and (not each.is_global or each.is_multicast or each.is_reserved):
            return False
    return parsed not in SHARED


class HttpsReader:
    """Reads files of at most 256 KB; the name is resolved once, and redirects are not followed.

    `may_reach` decides about each IP address before anything is opened.
    """

    def __init__(
        self,
        names: NameLookup,
        *,
        may_reach: Callable[[str], bool] = is_public,
        port: int = PORT,
        seconds: float = 5,
        ca_file: str | None = None,
    ) -> None:
        self._names = names
        self._may_reach = may_reach
        self._port = port
        self._seconds = seconds
        self._ca_file = ca_file

    def read(self, host: str, path: str) -> bytes:
        """The content; raises ServerUnreachable for every other answer, all with one sentence."""
        found = self._names.addresses(host)
        if not found or not all(self._may_reach(address) for address in found):
            raise ServerUnreachable(f"{host} offers no such file.")
        try:
            return self._read_from(found[0], host, path)
        except (OSError, http.client.HTTPException, UnicodeError) as problem:
            raise ServerUnreachable(f"{host} offers no such file.") from problem

    def _read_from(self, address: str, host: str, path: str) -> bytes:
        context = ssl.create_default_context(cafile=self._ca_file)
        ends_at = time.monotonic() + self._seconds
        with (
            socket.create_connection((address, self._port), self._seconds) as plain,
            _cut_after(plain, ends_at - time.monotonic()),
            context.wrap_socket(plain, server_hostname=host) as line,
        ):
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            line.sendall(request.encode("ascii"))
            answer = http.client.HTTPResponse(line, method="GET")
            answer.begin()
            if answer.status != http.client.OK:
                raise http.client.HTTPException(f"status {answer.status}")
            content = answer.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES or answer.length or time.monotonic() >= ends_at:
            raise http.client.HTTPException("too long, or cut off")
        return content


@contextlib.contextmanager
def _cut_after(line: socket.socket, seconds: float) -> Iterator[None]:
    """Close the line when the time is up, however slowly the server drips."""
    twin = line.dup()  # TLS takes the socket over
    timer = threading.Timer(max(seconds, 0), _cut, [twin])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        twin.close()


def _cut(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
