"""Another mail program at the same mailbox, on Python's own IMAP client: what a person sees elsewhere."""

import imaplib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.servers.dovecot import Dovecot
from tests.servers.mail_store import PASSWORD

PATIENCE_SECONDS = 60


class OtherProgram:
    """Signs in for each thing it does, so that it never sees an old state."""

    def __init__(self, store: Dovecot, login: str) -> None:
        self._port, self._login = store.port, login

    def put(self, folder: str, *raws: bytes, flags: str = "") -> None:
        """These messages come into the folder, which is made if it is missing."""
        with self._line() as line:
            line.create(folder)
            for raw in raws:
                assert line.append(folder, flags, "", raw)[0] == "OK"

    def subjects(self, folder: str = "INBOX") -> dict[str, set[str]]:
        """Subject -> flags of what lies there; each subject once."""
        with self._line() as line:
            found = _fetched(line, folder, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        marks = [
            (str(message_from_bytes(raw, policy=default)["Subject"]), _flags(said))
            for _uid, said, raw in found
        ]
        assert len(marks) == len(dict(marks)), f"something lies twice in {folder}: {marks}"
        return dict(marks)

    def message(self, folder: str, subject: str) -> EmailMessage:
        """The one with this subject, whole."""
        with self._line() as line:
            [uid] = _with(line, folder, subject)
            [(_uid, _said, raw)] = _fetched(line, folder, "(BODY.PEEK[])", uid)
        message = message_from_bytes(raw, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    def mark(self, folder: str, subject: str, change: str) -> None:
        """`change` is a flag with its sign: `+\\Seen`."""
        with self._line() as line:
            for uid in _with(line, folder, subject):
                assert line.uid("STORE", uid, f"{change[0]}FLAGS", f"({change[1:]})")[0] == "OK"

    def delete(self, folder: str, subject: str) -> None:
        """For good."""
        self.mark(folder, subject, "+\\Deleted")
        with self._line() as line:
            line.select(folder)
            line.expunge()

    @contextmanager
    def _line(self) -> Iterator[imaplib.IMAP4]:
        line = imaplib.IMAP4("127.0.0.1", self._port)
        line.login(self._login, PASSWORD)
        try:
            yield line
        finally:
            line.logout()


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait for what jobs do meanwhile."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends, "it did not come to be so"
        time.sleep(0.2)


def _with(line: imaplib.IMAP4, folder: str, subject: str) -> list[str]:
    found = _fetched(line, folder, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    return [
        uid
        for uid, _said, raw in found
        if message_from_bytes(raw, policy=default)["Subject"] == subject
    ]


def _fetched(
    line: imaplib.IMAP4, folder: str, items: str, uids: str = "1:*"
) -> list[tuple[str, bytes, bytes]]:
    """UID, what the server says of it, and what was asked for."""
    line.select(folder)
    _ok, parts = line.uid("FETCH", uids, items)
    pieces = [each for each in parts if isinstance(each, tuple)]
    return [(re.search(rb"UID (\d+)", said)[1].decode(), said, raw) for said, raw in pieces]  # type: ignore[index]  # a FETCH by UID says it


def _flags(said: bytes) -> set[str]:
    found = re.search(rb"FLAGS \(([^)]*)\)", said)
    return set(found[1].decode().split()) - {"\\Recent"} if found else set()
