"""A mailbox as it is read and changed: folders, what is new and what has changed in them, and our own changes.

Never an EXPUNGE of everything that is marked: another program may have marked what its reader still wants back.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from mail.errors import BadReply, CommandRefused
from mail.imap import MailboxClient
from mail.imap_copied import copied_uids
from mail.imap_fetching import MONTHS, FetchedMessage, read_fetch
from mail.imap_folders import FolderListing, FolderStatus, ListedFolder, read_status
from mail.imap_selected import SelectAnswer, Selected
from mail.imap_syntax import flag_list, folder_name, quoted, uid_set
from mail.imap_talk import ImapTalk, Untagged

STATUS_ITEMS = (b"UIDVALIDITY", b"UIDNEXT", b"MESSAGES", b"UNSEEN")
ASKED_AT_ONCE = 2_000  # UIDs named in one command: lines stay short
BODY_SLACK = 16 * 1024 * 1024  # bytes by which a server may be wrong about sizes


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a message has come to lie; without `uid` where the server does not say."""

    uidvalidity: int | None = None
    uid: int | None = None


class Mailbox:
    """Built on a client that is signed in, whose line it takes over. Every method raises MailError."""

    def __init__(self, client: MailboxClient) -> None:
        self._client = client
        self._talk = ImapTalk(client._wire)
        told = client.capabilities()
        self._can = frozenset(each.upper() for each in told)
        self._is_enabled = False
        self.selected: str | None = None

    def can(self, *names: str) -> bool:
        """Whether the server offers all of these."""
        return all(name.encode("ascii") in self._can for name in names)

    @property
    def has_modseq(self) -> bool:
        return self.can("CONDSTORE") or self.can("QRESYNC")

    def folders(self, said_before: Mapping[str, str] | None = None) -> list[ListedFolder]:
        """All folders, each with its state: one round trip where the server can."""
        items = self._status_items()
        listing = FolderListing()
        if self.can("LIST-STATUS"):
            marks = b"SPECIAL-USE " if self.can("SPECIAL-USE") else b""
            ask = b'"" "*" RETURN (%sSTATUS (%s))' % (marks, items)
            self._hear(listing, self._talk.ask(b"LIST", ask))
        else:
            self._hear(listing, self._talk.ask(b"LIST", b'"" "*"'))
        found = listing.folders(said_before or {})
        missing = [each.path for each in found if each.is_selectable and each.status is None]
        if missing:
            self._hear(listing, self._statuses(missing, items))
            found = listing.folders(said_before or {})
        return found

    def status(self, path: str) -> FolderStatus:
        """The state of a folder from outside; raises FolderMissing."""
        said = self._talk.ask(b"STATUS", folder_name(path), b"(%s)" % self._status_items())
        for each in said:
            if each.kind == b"STATUS":
                return read_status(each.values[1])
        raise BadReply("The mail server does not tell the state of a folder.")

    def create(self, path: str) -> None:
        """Make a folder; that it is there already is good, too."""
        try:
            self._talk.ask(b"CREATE", folder_name(path))
        except CommandRefused as problem:
            if "EXISTS" not in problem.message.upper():
                raise

    def rename(self, path: str, new_path: str) -> None:
        """Give a folder another name; what lies in it keeps its numbers (RFC 3501, 6.3.5)."""
        self._leave()
        self._talk.ask(b"RENAME", folder_name(path), folder_name(new_path))

    def delete(self, path: str) -> None:
        """Delete a folder, with all that lies in it."""
        self._leave()
        self._talk.ask(b"DELETE", folder_name(path))

    def select(
        self, path: str, *, since: tuple[int, int] | None = None, writes: bool = False
    ) -> Selected:
        """Open a folder; `since` is the UIDVALIDITY and the HIGHESTMODSEQ up to which it is known. Raises FolderMissing."""
        self.selected = None
        is_quick = since is not None and self.can("QRESYNC")
        if self.can("QRESYNC", "ENABLE") and not self._is_enabled:
            self._talk.ask(b"ENABLE", b"QRESYNC")
            self._is_enabled = True
        words = [b"SELECT" if writes else b"EXAMINE", folder_name(path)]
        if is_quick and self._is_enabled and since is not None:
            words.append(b"(QRESYNC (%d %d))" % since)
        elif self.has_modseq:
            words.append(b"(CONDSTORE)")
        seen = SelectAnswer()
        for said in self._talk.stream(*words):
            seen.hear(said)
        self.selected = path
        if b"UIDNEXT" not in seen.codes:  # an older server; it says it from outside
            seen.codes[b"UIDNEXT"] = self.status(path).uidnext or 0
        return seen.selected(since)

    def flags(
        self, first: int, last: int, *, changed_since: int | None = None
    ) -> list[FetchedMessage]:
        """UIDs and flags of the messages between these UIDs; of all, or of those that have changed."""
        if last < first:
            return []
        words = [b"UID", b"FETCH", b"%d:%d" % (first, last), b"(UID FLAGS)"]
        if changed_since is not None:
            words.append(b"(CHANGEDSINCE %d)" % changed_since)
        return [each for each in self._fetched(words) if each.flags is not None]

    def sizes(self, uids: Collection[int]) -> dict[int, int]:
        """How large these messages are, as the server says."""
        found: dict[int, int] = {}
        for some in _chunks(uids):
            words = [b"UID", b"FETCH", uid_set(some), b"(UID RFC822.SIZE)"]
            wanted = set(some)
            for each in self._fetched(words):
                if each.uid in wanted and each.size is not None:
                    found[each.uid] = each.size
        return found

    def outlines(self, first: int, last: int) -> list[FetchedMessage]:
        """Flags, size and Message-ID of the messages between these UIDs, to find again what is known."""
        if last < first:
            return []
        items = b"(UID FLAGS RFC822.SIZE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])"
        return list(self._fetched([b"UID", b"FETCH", b"%d:%d" % (first, last), items]))

    def head(self, uid: int) -> bytes:
        """What a person recognises a message by; empty if the server does not hand it over."""
        fields = b"BODY.PEEK[HEADER.FIELDS (FROM TO SUBJECT DATE MESSAGE-ID)]"
        found = list(self._fetched([b"UID", b"FETCH", b"%d" % uid, b"(UID %s)" % fields]))
        return next((each.head_fields for each in found if each.head_fields), b"")

    def bodies(self, uids: Collection[int], *, expects: int) -> Iterator[FetchedMessage]:
        """These messages whole, as they come; `expects` bytes in all."""
        wanted = set(uids)
        words = [b"UID", b"FETCH", uid_set(uids), b"(UID FLAGS INTERNALDATE BODY.PEEK[])"]
        most = 2 * expects + BODY_SLACK
        for each in self._fetched(words, expects=expects, most=most):
            if each.uid in wanted and each.raw is not None:
                wanted.discard(each.uid)  # named twice, it counts once
                yield each

    def uids(self, *, since: date | None = None) -> list[int]:
        """The UIDs of the folder in rising order; of those only that came on this day or later."""
        if since is None:
            return self._search(b"ALL")
        month = MONTHS[since.month - 1].capitalize()
        return self._search(f"SINCE {since.day}-{month}-{since.year}".encode("ascii"))

    def existing(self, uids: Collection[int]) -> set[int]:
        """Which of these are in the folder."""
        return {uid for some in _chunks(uids) for uid in self._search(b"UID " + uid_set(some))}

    def with_message_id(self, message_id: str, *, from_uid: int = 1) -> list[int]:
        """The UIDs of messages with this Message-ID, from this UID on."""
        if not message_id.isascii():
            return []
        header = b"UID %d:* HEADER Message-ID %s" % (from_uid, quoted(message_id))
        return [uid for uid in self._search(header) if uid >= from_uid]

    def store(self, uids: Collection[int], *, add: bool, flags: Sequence[str]) -> None:
        """Set or take away flags: what others have set stays."""
        for some in _chunks(uids):
            mode = b"+FLAGS.SILENT" if add else b"-FLAGS.SILENT"
            self._talk.ask(b"UID", b"STORE", uid_set(some), mode, flag_list(flags))

    def move(self, uids: Collection[int], path: str) -> dict[int, int]:
        """Move messages of the open folder; old UID -> new UID, as far as the server tells. Raises FolderMissing.

        Without MOVE they are copied and then taken away.
        """
        word = b"MOVE" if self.can("MOVE") else b"COPY"
        said = self._talk.ask(b"UID", word, uid_set(uids), folder_name(path))
        codes = [each.code for each in said if each.kind == b"OK"]
        placed = copied_uids([*codes, self._talk.code], most=len(uids))
        if word == b"COPY":
            self.expunge(uids)
        return placed

    def expunge(self, uids: Collection[int]) -> None:
        """Delete these messages for good, and no others. Without UIDPLUS they are only marked as deleted."""
        self.store(uids, add=True, flags=("\\Deleted",))
        if self.can("UIDPLUS"):
            for some in _chunks(uids):
                self._talk.ask(b"UID", b"EXPUNGE", uid_set(some))

    def append(
        self, path: str, raw: bytes, *, flags: Sequence[str] = (), at: datetime | None = None
    ) -> Placed:
        """Put a message into a folder; raises FolderMissing."""
        words = [b"APPEND", folder_name(path), flag_list(flags)]
        if at is not None:
            month = MONTHS[at.month - 1].capitalize()
            words.append(at.strftime(f'"%d-{month}-%Y %H:%M:%S %z"').encode("ascii"))
        self._talk.ask(*words, bytearray(raw), expects=len(raw))
        code = self._talk.code.split()
        if len(code) == 3 and code[0].upper() == b"APPENDUID" and code[1].isdigit():
            return Placed(int(code[1]), int(code[2]) if code[2].isdigit() else None)
        return Placed()

    def close(self) -> None:
        """Say goodbye; never raises."""
        self._client.quit()

    def _leave(self) -> None:
        """Out of a folder that is going: servers end the session of whoever is in it."""
        if self.selected not in (None, "INBOX"):
            self.select("INBOX")

    def _status_items(self) -> bytes:
        items = [*STATUS_ITEMS, *([b"HIGHESTMODSEQ"] if self.has_modseq else [])]
        return b" ".join(items)

    def _statuses(self, paths: Sequence[str], items: bytes) -> Iterator[Untagged]:
        """Of several folders; one that is not there any more is left out."""
        for path in paths:
            try:
                yield from self._talk.ask(b"STATUS", folder_name(path), b"(%s)" % items)
            except CommandRefused:
                continue

    def _hear(self, listing: FolderListing, said: Iterator[Untagged] | list[Untagged]) -> None:
        for each in said:
            listing.hear(each)

    def _fetched(
        self, words: Sequence[bytes], *, expects: int = 0, most: int | None = None
    ) -> Iterator[FetchedMessage]:
        limit = {} if most is None else {"most": most}
        for said in self._talk.stream(*words, expects=expects, **limit):
            if said.kind == b"FETCH" and (message := read_fetch(said)) is not None:
                yield message

    def _search(self, what: bytes) -> list[int]:
        found: set[int] = set()
        for said in self._talk.ask(b"UID", b"SEARCH", what):
            if said.kind == b"SEARCH":
                found.update(int(each) for each in said.pieces[0].split() if each.isdigit())
        return sorted(found)


def _chunks(uids: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(set(uids))
    for start in range(0, len(ordered), ASKED_AT_ONCE):
        yield ordered[start : start + ASKED_AT_ONCE]
