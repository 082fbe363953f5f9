"""A folder that an IMAP client has opened: what it knows of it, and what it does in it."""

from collections.abc import Callable, Collection

from embedded.mail_server.imap_fetching import item_of
from embedded.mail_server.imap_search import tests_of
from embedded.mail_server.imap_words import Unreadable, Word
from embedded.mail_server.mailboxes import Folder, Mailboxes

DELETED, SEEN = r"\Deleted", r"\Seen"


class SelectedFolder:
    """Numbers are those that the client knows, until `tell_changes` has told it of others."""

    def __init__(
        self,
        mailboxes: Mailboxes,
        folder: Folder,
        say: Callable[[bytes], None],
        *,
        is_read_only: bool,
    ) -> None:
        self._mailboxes = mailboxes
        self._say = say
        self.folder = folder
        self.is_read_only = is_read_only
        self._known = mailboxes.flags(folder)  # UID -> flags

    @property
    def exists(self) -> int:
        return len(self._known)

    def tell_changes(self, *, may_be_gone: bool) -> None:
        """Say what has come, what is marked otherwise and, where the numbers may change, what is gone."""
        there = self._mailboxes.flags(self.folder)
        if may_be_gone:
            for number, uid in reversed(list(enumerate(self._known, 1))):
                if uid not in there:
                    self._say(b"* %d EXPUNGE" % number)
                    del self._known[uid]
        newer = {uid: flags for uid, flags in there.items() if uid not in self._known}
        for number, (uid, flags) in enumerate(list(self._known.items()), 1):
            if there.get(uid, flags) != flags:
                self._known[uid] = there[uid]
                self._say(b"* %d FETCH (UID %d FLAGS (%s))" % (number, uid, there[uid].encode()))
        if newer:
            self._known |= newer
            self._say(b"* %d EXISTS" % len(self._known))

    def uids(self, text: str, *, by_uid: bool) -> list[int]:
        """The messages of a set such as `1:3,7:*`. Raises Unreadable."""
        known = list(self._known)
        names = known if by_uid else range(1, len(known) + 1)
        last = names[-1] if names else 0
        found: set[int] = set()
        for piece in text.split(","):
            ends = [last if each == "*" else _number(each) for each in piece.split(":")]
            found.update(
                uid
                for name, uid in zip(names, known, strict=True)
                if min(ends) <= name <= max(ends)
            )
        return sorted(found)

    def fetch(self, uids: Collection[int], items: list[str]) -> None:
        """Hand over what is asked for; what is read is marked as read."""
        reads = any(each.upper().startswith("BODY[") for each in items)
        for number, uid in enumerate(self._known, 1):
            message = self._mailboxes.message(self.folder, uid) if uid in uids else None
            if message is not None:
                said = b" ".join(item_of(each, uid, message) for each in items)
                self._say(b"* %d FETCH (%s)" % (number, said))
                if reads and not self.is_read_only:
                    self._set(uid, {*message.flags.split(), SEEN})

    def store(self, uids: Collection[int], mode: str, flags: set[str]) -> None:
        """Set or take away flags: `FLAGS`, `+FLAGS`, `-FLAGS`, and each with `.SILENT`."""
        how, is_silent = mode.upper().removesuffix(".SILENT"), mode.upper().endswith(".SILENT")
        if how not in ("FLAGS", "+FLAGS", "-FLAGS"):
            raise Unreadable(f"Not here: {mode}")
        for uid, before in self._mailboxes.flags(self.folder).items():
            if uid in uids:
                had = set(before.split())
                after = {"FLAGS": flags, "+FLAGS": had | flags, "-FLAGS": had - flags}[how]
                told = self._set(uid, after)
                if is_silent and uid in self._known:
                    self._known[uid] = told

    def search(self, words: list[Word]) -> list[int]:
        """The UIDs of the messages that are all this."""
        tests = tests_of(words, lambda text, by_uid: set(self.uids(text, by_uid=by_uid)))
        found = []
        for uid in self._known:
            message = self._mailboxes.message(self.folder, uid)
            if message is not None and all(test(uid, message) for test in tests):
                found.append(uid)
        return found

    def number(self, uid: int) -> int:
        """How the client counts this message."""
        return list(self._known).index(uid) + 1

    def expunge(self, uids: Collection[int]) -> None:
        """Take away for good what is marked as deleted among these."""
        there = self._mailboxes.flags(self.folder)
        gone = [uid for uid in uids if DELETED in there.get(uid, "").split()]
        self._mailboxes.remove(self.folder, gone)

    def expunge_all(self) -> None:
        """All that is marked as deleted."""
        self.expunge(list(self._mailboxes.flags(self.folder)))

    def _set(self, uid: int, flags: set[str]) -> str:
        told = " ".join(sorted(flags))
        self._mailboxes.mark(self.folder, uid, told)
        return told


def _number(text: str) -> int:
    if not text.isdecimal():
        raise Unreadable(f"No set of messages: {text}")
    return int(text)
