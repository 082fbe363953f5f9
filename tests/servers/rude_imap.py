"""An IMAP server that behaves until a script of a test says otherwise: it lies about lengths, hangs up, throttles, talks nonsense.

    with RudeImap(messages={1: raw}, rude={"FETCH BODY 1": lambda talk, tag: ...}) as server: ...

Speaks as much IMAP as the sync needs, without QRESYNC, CONDSTORE, LIST-STATUS.
"""

import re
from collections.abc import Callable
from typing import Self

from tests.servers.rude_smtp import Connection, RudeServer

UIDS = re.compile(rb"[\d:,*]+")
Rudeness = Callable[[Connection, bytes], None]


class RudeImap:
    """One folder, INBOX; `rude` has what is done instead of an answer, by the word of a command, or `BODY 3` for one message."""

    def __init__(
        self,
        messages: dict[int, bytes],
        *,
        rude: dict[str, Rudeness] | None = None,
        uidvalidity: int = 1,
        sizes: dict[int, int] | None = None,
        capabilities: bytes = b"AUTH=PLAIN UIDPLUS MOVE",
    ) -> None:
        self.messages = messages
        self.rude = rude or {}
        self.uidvalidity = uidvalidity
        self.sizes = sizes or {}
        self._capabilities = b"IMAP4rev1 " + capabilities
        self.commands: list[bytes] = []
        self._server = RudeServer(self._serve)

    @property
    def port(self) -> int:
        return self._server.port

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.__exit__()

    def _serve(self, talk: Connection) -> None:
        talk.say(b"* OK [CAPABILITY %s] ready\r\n" % self._capabilities)
        while True:
            line = talk.wait_for(b"\r\n").strip()
            tag, _, rest = line.partition(b" ")
            self.commands.append(rest)
            word = rest.upper().removeprefix(b"UID ").split(b" ")[0].decode("latin-1")
            if word in self.rude:
                self.rude[word](talk, tag)
            elif not self._answer(talk, tag, word, rest):
                return

    def _answer(self, talk: Connection, tag: bytes, word: str, rest: bytes) -> bool:
        done = b"%s OK done\r\n" % tag
        match word:
            case "CAPABILITY":
                talk.say(b"* CAPABILITY %s\r\n" % self._capabilities + done)
            case "AUTHENTICATE":
                talk.say(b"+ \r\n")
                talk.wait_for(b"\r\n")
                talk.say(done)
            case "LIST":
                talk.say(b'* LIST (\\HasNoChildren) "/" INBOX\r\n' + done)
            case "STATUS":
                talk.say(b"* STATUS INBOX (%s)\r\n" % self._state() + done)
            case "SELECT" | "EXAMINE":
                talk.say(
                    b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %d] x\r\n"
                    % (len(self.messages), self.uidvalidity, self._next())
                    + done
                )
            case "SEARCH":
                wanted = self._named(rest) if b"SEARCH UID" in rest.upper() else set(self.messages)
                numbers = b" ".join(b"%d" % uid for uid in sorted(wanted & set(self.messages)))
                talk.say(b"* SEARCH " + numbers + b"\r\n" + done)
            case "FETCH":
                for uid in sorted(self._named(rest) & set(self.messages)):
                    if b"BODY.PEEK[]" in rest and f"BODY {uid}" in self.rude:
                        self.rude[f"BODY {uid}"](talk, tag)
                    else:
                        talk.say(self._fetched(uid, rest))
                talk.say(done)
            case "LOGOUT":
                talk.say(b"* BYE x\r\n" + done)
                return False
            case _:
                talk.say(done)
        return True

    def _state(self) -> bytes:
        values = (len(self.messages), self._next(), self.uidvalidity)
        return b"MESSAGES %d UIDNEXT %d UIDVALIDITY %d UNSEEN 0" % values

    def _next(self) -> int:
        return max(self.messages, default=0) + 1

    def _named(self, rest: bytes) -> set[int]:
        found = UIDS.search(rest.partition(b"FETCH ")[2] or rest.partition(b"UID ")[2])
        named: set[int] = set()
        for piece in (found[0] if found else b"").split(b","):
            first, _, last = piece.partition(b":")
            if first.isdigit():
                named |= {uid for uid in self.messages if int(first) <= uid <= int(last or first)}
        return named

    def _fetched(self, uid: int, rest: bytes) -> bytes:
        raw = self.messages[uid]
        size = self.sizes.get(uid, len(raw))
        number = 1 + sorted(self.messages).index(uid)
        head = b"* %d FETCH (UID %d FLAGS (\\Seen) RFC822.SIZE %d" % (number, uid, size)
        if b"BODY.PEEK[]" in rest:
            head += b' INTERNALDATE "20-Nov-2026 12:00:00 +0000" BODY[] {%d}\r\n' % len(raw)
            return head + raw + b")\r\n"
        if b"HEADER.FIELDS" in rest:
            fields = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
            return head + b" BODY[HEADER.FIELDS (X)] {%d}\r\n" % len(fields) + fields + b")\r\n"
        return head + b")\r\n"
