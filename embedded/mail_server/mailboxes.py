"""The mailboxes of the demo: the folders of each address and what lies in them, in one file of the data folder."""

import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LARGEST_MESSAGE_BYTES = 40 * 1024 * 1024
MARKS = {  # of the folders that a mailbox begins with (RFC 6154)
    "INBOX": "",
    "Drafts": r"\Drafts",
    "Sent": r"\Sent",
    "Archive": r"\Archive",
    "Junk": r"\Junk",
    "Trash": r"\Trash",
}
TABLES = """
CREATE TABLE IF NOT EXISTS folder (id INTEGER PRIMARY KEY, owner TEXT, path TEXT, uidnext INTEGER DEFAULT 1,
  uidvalidity INTEGER, UNIQUE (owner, path));
CREATE TABLE IF NOT EXISTS message (folder_id INTEGER, uid INTEGER, flags TEXT, received_at REAL, raw BLOB,
  lost_bytes INTEGER DEFAULT 0, PRIMARY KEY (folder_id, uid)) WITHOUT ROWID;
"""
LATER_COLUMN = "ALTER TABLE message ADD COLUMN lost_bytes INTEGER DEFAULT 0"
MESSAGE = "SELECT flags, received_at, raw, lost_bytes FROM message WHERE folder_id = ? AND uid = ?"
FOLDERS = """
SELECT id, path, uidvalidity, uidnext, count(uid),
  count(uid) FILTER (WHERE ' ' || flags || ' ' NOT LIKE '% \\Seen %')
FROM folder LEFT JOIN message ON folder_id = id WHERE owner = ? GROUP BY id ORDER BY id
"""


def mailboxes_file(data_folder: Path) -> Path:
    """Where they are kept."""
    return data_folder / "demo-mail" / "mailboxes.sqlite3"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, and how much lies in it."""

    key: int
    path: str
    uidvalidity: int
    uidnext: int
    messages: int
    unseen: int


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it lies in a folder; `received_at` is seconds since 1970.

    Where `lost_bytes` are lost, as on a disk that fails, `raw` is the header that is left.
    """

    flags: str  # with spaces between them
    received_at: float
    raw: bytes
    lost_bytes: int = 0

    @property
    def size_bytes(self) -> int:
        return len(self.raw) + self.lost_bytes


class Mailboxes:
    """Whoever signs in has a mailbox from then on. Several threads and processes may use one file at a time."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._base = sqlite3.connect(file, timeout=30, check_same_thread=False)
        with self._writing():
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.executescript(TABLES)
            columns = self._base.execute("SELECT name FROM pragma_table_info('message')")
            if ("lost_bytes",) not in columns.fetchall():  # a demo that was begun earlier
                self._base.execute(LATER_COLUMN)

    def close(self) -> None:
        """Nothing is written afterwards."""
        self._base.close()

    def open(self, owner: str, letters: Sequence[tuple[str, StoredMessage]] = ()) -> bool:
        """Make the mailbox of an address, with these messages in its folders; whether there was none yet."""
        with self._writing() as base:
            known = base.execute("SELECT 1 FROM folder WHERE owner = ?", (owner.lower(),))
            if known.fetchone():
                return False
            keys = {path: _create(base, owner, path) for path in MARKS}
            for path, letter in letters:
                _add(base, keys[path], letter)
        return True

    def folders(self, owner: str) -> list[Folder]:
        """The folders of an address; none if it has no mailbox."""
        with self._lock:
            return [Folder(*row) for row in self._base.execute(FOLDERS, (owner.lower(),))]

    def folder(self, owner: str, path: str) -> Folder | None:
        """One folder; INBOX in whatever letters."""
        wanted = "INBOX" if path.upper() == "INBOX" else path
        return next((each for each in self.folders(owner) if each.path == wanted), None)

    def create(self, owner: str, path: str) -> None:
        """Make a folder."""
        with self._writing() as base:
            _create(base, owner, path)

    def rename(self, folder: Folder, path: str) -> None:
        """Give a folder another name."""
        with self._writing() as base:
            base.execute("UPDATE folder SET path = ? WHERE id = ?", (path, folder.key))

    def drop(self, folder: Folder) -> None:
        """Delete a folder with what lies in it."""
        with self._writing() as base:
            base.execute("DELETE FROM message WHERE folder_id = ?", (folder.key,))
            base.execute("DELETE FROM folder WHERE id = ?", (folder.key,))

    def deliver(self, address: str, raw: bytes) -> None:
        """Put a message into the inbox of an address, with or without a `+word`, if it has a mailbox."""
        name, _, domain = address.rpartition("@")
        inbox = self.folder(f"{name.partition('+')[0]}@{domain}", "INBOX")
        if inbox is not None:
            self.add(inbox, raw)

    def add(
        self,
        folder: Folder,
        raw: bytes,
        *,
        flags: str = "",
        received_at: float | None = None,
        lost_bytes: int = 0,
    ) -> int:
        """Store a message; returns its UID."""
        letter = StoredMessage(flags, received_at or time.time(), raw, lost_bytes)
        with self._writing() as base:
            return _add(base, folder.key, letter)

    def flags(self, folder: Folder) -> dict[int, str]:
        """The flags of all messages, by UID in rising order."""
        query = "SELECT uid, flags FROM message WHERE folder_id = ? ORDER BY uid"
        with self._lock:
            return dict(self._base.execute(query, (folder.key,)))

    def message(self, folder: Folder, uid: int) -> StoredMessage | None:
        """One message, if it is still there."""
        with self._lock:
            row = self._base.execute(MESSAGE, (folder.key, uid)).fetchone()
        return StoredMessage(*row) if row else None

    def mark(self, folder: Folder, uid: int, flags: str) -> None:
        """Give a message these flags, and no others."""
        with self._writing() as base:
            base.execute(
                "UPDATE message SET flags = ? WHERE folder_id = ? AND uid = ?",
                (flags, folder.key, uid),
            )

    def copy(
        self, folder: Folder, uids: Collection[int], target: Folder, *, moves: bool = False
    ) -> dict[int, int]:
        """Copy messages, or move them, all or none; their old UIDs and their new ones."""
        placed: dict[int, int] = {}
        with self._writing() as base:
            for uid in sorted(uids):
                row = base.execute(MESSAGE, (folder.key, uid)).fetchone()
                if row is not None:
                    placed[uid] = _add(base, target.key, StoredMessage(*row))
            if moves:
                _remove(base, folder.key, placed)
        return placed

    def remove(self, folder: Folder, uids: Collection[int]) -> None:
        """Take messages away for good."""
        with self._writing() as base:
            _remove(base, folder.key, uids)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._base:
            yield self._base


def _create(base: sqlite3.Connection, owner: str, path: str) -> int:
    """The key of the new folder; its UIDVALIDITY is that of no folder before it."""
    newest = "SELECT max(?, coalesce(max(uidvalidity), 0) + 1) FROM folder"
    made = base.execute(
        f"INSERT INTO folder (owner, path, uidvalidity) VALUES (?, ?, ({newest})) RETURNING id",  # nosec B608  # our own words
        (owner.lower(), path, int(time.time())),
    )
    [[key]] = made.fetchall()
    return int(key)


def _add(base: sqlite3.Connection, folder_key: int, letter: StoredMessage) -> int:
    numbered = "UPDATE folder SET uidnext = uidnext + 1 WHERE id = ? RETURNING uidnext - 1"
    [[uid]] = base.execute(numbered, (folder_key,)).fetchall()
    row = (folder_key, uid, letter.flags, letter.received_at, letter.raw, letter.lost_bytes)
    base.execute(
        "INSERT INTO message (folder_id, uid, flags, received_at, raw, lost_bytes) VALUES (?, ?, ?, ?, ?, ?)",
        row,
    )
    return int(uid)


def _remove(base: sqlite3.Connection, folder_key: int, uids: Collection[int]) -> None:
    rows = [(folder_key, uid) for uid in uids]
    base.executemany("DELETE FROM message WHERE folder_id = ? AND uid = ?", rows)
