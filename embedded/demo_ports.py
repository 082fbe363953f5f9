"""The ports of the demo's mail server: chosen once for a data folder, and again only when they are taken."""

import socket
from contextlib import ExitStack

from embedded.data_folder import DataFolder

NAMES = ("DEMO_SMTP_PORT", "DEMO_MAIL_PORT", "DEMO_IMAP_PORT")


def demo_ports(folder: DataFolder) -> tuple[dict[str, str], bool]:
    """Settings with the ports, and whether they differ from the last time."""
    known = folder.recall()
    ports = {name: known.get(name, "") for name in NAMES}
    if all(port.isdigit() and _is_free(int(port)) for port in ports.values()):
        return ports, False
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _name in NAMES]
        for one in held:
            one.bind(("127.0.0.1", 0))
        ports = {name: str(one.getsockname()[1]) for name, one in zip(NAMES, held, strict=True)}
    folder.note(**ports)
    return ports, True


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
