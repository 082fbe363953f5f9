"""A mailbox on Dovecot for tests of the sync, with a second client that does what people do in another program."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mail.gateway import NetworkGateway
from mail.imap import ImapServer
from mail.imap_mailbox import Mailbox
from mail.smtp import Security
from tests.servers.dovecot import Dovecot

PASSWORD = "secreta"
SPECIAL = """
namespace inbox {
  separator = /
  mailbox Drafts {
    special_use = \\Drafts
    auto = create
  }
  mailbox Sent {
    special_use = \\Sent
    auto = create
  }
  mailbox Trash {
    special_use = \\Trash
    auto = create
  }
}
mail_fsync = never
"""


def without(*names: str) -> str:
    """Configuration of a server that lacks these capabilities."""
    every = [
        "IMAP4rev1",
        "SASL-IR",
        "LITERAL+",
        "ENABLE",
        "IDLE",
        "NAMESPACE",
        "UIDPLUS",
        "CHILDREN",
        "SPECIAL-USE",
        "LIST-EXTENDED",
        "LIST-STATUS",
        "MOVE",
        "CONDSTORE",
        "QRESYNC",
    ]
    return f"imap_capability = {' '.join(each for each in every if each not in names)}\n"


def server_of(dovecot: Dovecot, login: str = "ventas") -> ImapServer:
    return ImapServer(
        host="127.0.0.1",
        port=dovecot.port,
        security=Security.NONE,
        login=login,
        password=PASSWORD,
    )


@contextmanager
def other_client(dovecot: Dovecot, login: str = "ventas") -> Iterator[Mailbox]:
    """Another program at the same mailbox."""
    mailbox = Mailbox(NetworkGateway().open_mailbox(server_of(dovecot, login)))
    try:
        yield mailbox
    finally:
        mailbox.close()


def content_of(dovecot: Dovecot, path: str, login: str = "ventas") -> dict[int, set[str]]:
    """UID -> flags, as the server has them now."""
    with other_client(dovecot, login) as mailbox:
        seen = mailbox.select(path)
        return {each.uid: set(each.flags or ()) for each in mailbox.flags(1, seen.uidnext)}


@contextmanager
def running(folder: Path, certificate: str, *people: str, further: str = "") -> Iterator[Dovecot]:
    with Dovecot(
        folder,
        certificate=certificate,
        people=dict.fromkeys(people or ("ventas",), PASSWORD),
        further=SPECIAL + further,
    ) as dovecot:
        yield dovecot
