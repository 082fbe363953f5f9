"""A folder as SELECT shows it (RFC 3501), with what has changed since a known position (RFC 7162)."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail.errors import BadReply
from mail.imap_fetching import FetchedMessage, read_fetch
from mail.imap_syntax import read_uid_set
from mail.imap_talk import Untagged

MOST_RANGES = 2_000_000


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as SELECT shows it, and what has changed since the position that was named."""

    uidvalidity: int
    uidnext: int
    exists: int
    highestmodseq: int | None
    changed: Sequence[FetchedMessage] = ()
    vanished: Sequence[tuple[int, int]] = ()


class SelectAnswer:
    """Collects what SELECT says, line by line."""

    def __init__(self) -> None:
        self.codes: dict[bytes, int] = {}
        self.exists = 0
        self.changed: list[FetchedMessage] = []
        self.vanished: list[tuple[int, int]] = []

    def hear(self, said: Untagged) -> None:
        """Take one line in."""
        if said.kind == b"EXISTS" and said.number is not None:
            self.exists = said.number
        elif said.kind == b"OK":
            name, _, value = said.code.partition(b" ")
            if value.isdigit():
                self.codes[name.upper()] = int(value)
        elif said.kind == b"FETCH":
            message = read_fetch(said)
            if message is not None and message.flags is not None:
                self.changed.append(message)
        elif said.kind == b"VANISHED":
            uids = said.pieces[0].removeprefix(b"(EARLIER) ").strip()
            self.vanished += read_uid_set(uids, most=MOST_RANGES)

    def selected(self, since: tuple[int, int] | None) -> Selected:
        """All of it; raises BadReply where the folder's messages have no numbers."""
        uidvalidity = self.codes.get(b"UIDVALIDITY")
        uidnext = self.codes.get(b"UIDNEXT")
        if not uidvalidity or not uidnext or not 0 < uidvalidity < 2**32:
            raise BadReply("The mail server does not number the messages of a folder.")
        is_same = since is not None and since[0] == uidvalidity
        return Selected(
            uidvalidity=uidvalidity,
            uidnext=uidnext,
            exists=self.exists,
            highestmodseq=self.codes.get(b"HIGHESTMODSEQ") or None,
            changed=self.changed if is_same else (),
            vanished=self.vanished if is_same else (),
        )
