"""Looking once more at a server that answered oddly: does it speak, in which protocol, with which certificate?

Nothing secret goes over these lines, and they call the addresses that the test has called.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable

from mail.certificate import facts_of_refused
from mail.errors import MailError
from mail.reach import Place, connect

PROBE_SECONDS = 3.0
LONGEST_LINE = 200


def speaks_tls(place: Place) -> bool:
    """Whether the server begins with encryption at once; whoever it says it is."""
    try:
        with contextlib.closing(_encrypted(_called(place), place)):
            return True
    except (MailError, OSError, ValueError):
        return False


def first_line(place: Place) -> str:
    """What the server says first, or to a line that is no command of anything; empty if nothing."""
    try:
        with contextlib.closing(_called(place)) as sock:
            said = _received(sock)
            return said.partition(b"\n")[0].decode("latin-1").strip()
    except (MailError, OSError):
        return ""


def shown_certificate(
    place: Place, *, until_encrypted: Callable[[socket.socket], None] | None = None
) -> dict[str, object]:
    """What the server's certificate says, though it was not accepted; empty if it shows none.

    `until_encrypted` leads the talk up to the point where encryption begins.
    """
    try:
        sock = _called(place)
        with contextlib.closing(sock):
            if until_encrypted is not None:
                until_encrypted(sock)
            with contextlib.closing(_encrypted(sock, place)) as line:
                return facts_of_refused(line.getpeercert(binary_form=True) or b"")
    except (MailError, OSError, ValueError):
        return {}


def _called(place: Place) -> socket.socket:
    sock, _address = connect(place, seconds=PROBE_SECONDS)
    sock.settimeout(PROBE_SECONDS)
    return sock


def _encrypted(sock: socket.socket, place: Place) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # to look at it; nothing is said over this line
    try:
        return context.wrap_socket(sock, server_hostname=place.host)
    except BaseException:
        sock.close()
        raise


def _received(sock: socket.socket) -> bytes:
    try:
        return sock.recv(LONGEST_LINE)
    except TimeoutError:
        sock.sendall(b"\r\n")
        return sock.recv(LONGEST_LINE)
