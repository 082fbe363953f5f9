"""The servers over which these journeys run: Dovecot, or the demo's own with `--mail-store=demo`.

Both take whoever signs in with the password, so that each journey has mailboxes of its own.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

from tests.servers import dovecot
from tests.servers.certificates import make_certificates
from tests.servers.demo_mail_server import DemoMailServer
from tests.servers.mail_store import PASSWORD, running
from tests.servers.services import short_folder

WRONG_PASSWORD = "vencida en julio"  # no server takes this one
ANYBODY = f"""
passdb {{
  driver = static
  args = password={PASSWORD}
}}
namespace inbox {{
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
"""


class MailStore(Protocol):
    """A server that can be stopped and started again with what lies in it."""

    port: int

    def __enter__(self) -> object: ...

    def __exit__(self, *_: object) -> None: ...

    def without(self, *subjects: str, of: str) -> AbstractContextManager[None]:
        """It names these messages in the inbox of this login, and cannot hand over their text meanwhile."""
        ...


@contextmanager
def away(store: MailStore) -> Iterator[None]:
    """Nobody answers meanwhile."""
    store.__exit__()
    try:
        yield
    finally:
        store.__enter__()


@contextmanager
def dovecot_store(temporary: pytest.TempPathFactory) -> Iterator[MailStore]:
    """Dovecot, or no journey."""
    if not dovecot.is_installed():
        pytest.skip("Dovecot is not installed")
    certificates = make_certificates(temporary.mktemp("certificates"))
    folder = short_folder()
    try:
        with running(folder, certificates.valid, further=ANYBODY) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def demo_store(temporary: pytest.TempPathFactory) -> Iterator[MailStore]:
    """The demo's, as `script/server` starts it."""
    with DemoMailServer(temporary.mktemp("demo")) as server:
        yield server


STORES: dict[str, Callable[[pytest.TempPathFactory], AbstractContextManager[MailStore]]] = {
    "dovecot": dovecot_store,
    "demo": demo_store,
}
