"""A server is called: its name is looked up, and the first of its addresses that answers is taken."""

import socket

from mail.reach import Reach, connect, look_up
from mail.steps import Step, Watch


def call(
    host: str, port: int, reach: Reach, *, timeout_seconds: float, watch: Watch
) -> socket.socket:
    """A connection to it. Raises NotAllowed, ServerUnreachable, LineLost or TooSlow."""
    with watch.step(Step.NAME):
        place = look_up(host, port, reach, seconds=watch.allowance(timeout_seconds))
        watch.found({"addresses": list(place.addresses)})
    with watch.step(Step.TCP):
        sock, address = connect(place, seconds=watch.allowance(timeout_seconds))
        watch.found({"address": address, "port": place.port})
    return sock
