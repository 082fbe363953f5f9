"""Another mail program at the same mailbox, on Python's own IMAP client: what a person sees elsewhere."""

import imaplib
import re
import time
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from tests.servers.mail_store import PASSWORD

PATIENCE_SECONDS = 120  # of a machine with much else to do


class OtherProgram:
    """Signs in for each thing it does, so that it never sees an old state."""

    def __init__(self, port: int, login: str) -> None:
        self._port, self.login = port, login

    def put(self, folder: str, *raws: bytes, flags: str = "") -> None:
        """These messages come into the folder, which is made if it is missing."""
        with self._line() as line:
            line.create(folder)
            for raw in raws:
                assert line.append(folder, flags, "", raw)[0] == "OK"

    def subjects(
        self, folder: str = "INBOX", *, only: Container[str] | None = None
    ) -> dict[str, set[str]]:
        """Subject -> flags of what lies there, or `only` these of them; each subject once."""
        with self._line() as line:
            found = _fetched(line, folder, "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        marks = [
            (
                str(message_from_bytes(raw, policy=default)["Subject"]),
                {flag for flag in _flags(said) if only is None or flag in only},
            )
            for _uid, said, raw in found
        ]
        assert len(marks) == len(dict(marks)), f"something lies twice in {folder}: {marks}"
        return dict(marks)

    def read_ones(self, folder: str = "INBOX") -> set[str]:
        """What is marked as read."""
        return self._with_flag(folder, "\\Seen")

    def starred(self, folder: str = "INBOX") -> set[str]:
        """What is marked with a star."""
        return self._with_flag(folder, "\\Flagged")

    def folders(self) -> set[str]:
        """The paths of all folders."""
        with self._line() as line:
            _ok, listed = line.list()
        return {each.decode().rpartition('"/" ')[2].strip('"') for each in listed if each}

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

    def move(self, folder: str, subject: str, target: str) -> None:
        """RFC 6851."""
        with self._line() as line:
            for uid in _with(line, folder, subject):
                assert line.uid("MOVE", uid, target)[0] == "OK"

    def delete(self, folder: str, subject: str) -> None:
        """For good."""
        self.mark(folder, subject, "+\\Deleted")
        with self._line() as line:
            line.select(folder)
            line.expunge()

    def _with_flag(self, folder: str, flag: str) -> set[str]:
        return {subject for subject, flags in self.subjects(folder).items() if flag in flags}

    @contextmanager
    def _line(self) -> Iterator[imaplib.IMAP4]:
        line = imaplib.IMAP4("127.0.0.1", self._port)
        line.login(self.login, PASSWORD)
        try:
            yield line
        finally:
            line.logout()


def eventually(is_so: Callable[[], bool], *, every_seconds: float = 0.2) -> None:
    """Wait for what jobs do meanwhile."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends, "it did not come to be so"
        time.sleep(every_seconds)


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
