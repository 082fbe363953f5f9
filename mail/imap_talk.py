"""Commands and answers of IMAP on a line that is signed in: streamed, bounded, with a budget of seconds for each command.

imaplib keeps everything that it is told; what is read here belongs to the command in hand, and ends with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mail.errors import CommandRefused, FolderMissing, ServerUnreachable, Throttled
from mail.imap_syntax import LITERAL, Value, values_of
from mail.wire import Wire, readable

LONGEST_LITERAL = 64 * 1024 * 1024  # bytes
LONGEST_LINE = 4 * 1024 * 1024  # bytes: a search of a large folder is one line
MOST_OF_ONE_ANSWER = 96 * 1024 * 1024  # bytes
SLOWEST = 20_000  # bytes a second, of what is expected
COMMAND_SECONDS = 90.0
STATUS = re.compile(
    rb"(OK|NO|BAD|BYE|PREAUTH)(?: (?:\[([^\]]*)\])? ?(.*))?\Z", re.IGNORECASE | re.DOTALL
)
# What a server says when it wants to be left in peace for a while (RFC 5530; Microsoft, Google).
LATER = re.compile(
    rb"UNAVAILABLE|\bLIMIT\b|INUSE|TOO MANY|THROTTL|EXCEEDED|TRY AGAIN|SERVERBUG", re.IGNORECASE
)
MISSING = re.compile(rb"NONEXISTENT|TRYCREATE|EXIST|NO SUCH|UNKNOWN MAILBOX|NOPERM", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Untagged:
    """Something that the server says besides its answer: `* 3 EXISTS`, `* OK [UIDNEXT 4] ...`."""

    kind: bytes
    number: int | None
    code: bytes  # of OK, NO, BAD and BYE: what stands in brackets
    pieces: Sequence[bytes]

    @property
    def values(self) -> list[Value]:
        """Its words after the kind."""
        return values_of(self.pieces)


class ImapTalk:
    """One command after the other."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._wire.longest_line = LONGEST_LINE
        self._number = 0
        self.code = b""  # in brackets, of the last command that went well

    @property
    def wire(self) -> Wire:
        return self._wire

    def ask(self, *words: bytes | bytearray, expects: int = 0) -> list[Untagged]:
        """Everything the server says to a command; `expects` bytes take their time. Raises MailError."""
        return list(self.stream(*words, expects=expects))

    def stream(
        self, *words: bytes | bytearray, expects: int = 0, most: int = MOST_OF_ONE_ANSWER
    ) -> Iterator[Untagged]:
        """The same, one after the other as they come; to be read to the end."""
        tag = self.send(*words, expects=expects)
        yield from self.answers(tag, most=most)

    def send(self, *words: bytes | bytearray, expects: int = 0) -> bytes:
        """Write a command, and do not wait; returns its tag. A word that is a literal is a `bytearray`."""
        self._wire.allow(COMMAND_SECONDS + expects / SLOWEST)
        self._number += 1
        tag = b"v%d" % self._number
        line = tag
        for word in words:
            if isinstance(word, bytearray):
                self._wire.write(line + b" {%d}\r\n" % len(word))
                self._wait_for_more(tag)
                self._wire.write(bytes(word))
                line = b""
            else:
                line += (b" " if line else b"") + word
        self._wire.write(line + b"\r\n")
        return tag

    def answers(self, tag: bytes, *, most: int = MOST_OF_ONE_ANSWER) -> Iterator[Untagged]:
        """What comes before the end of the command with this tag."""
        total = 0
        while True:
            pieces = self.response()
            first = pieces[0]
            if first.startswith(tag + b" "):
                self.code = self._ended(first[len(tag) + 1 :])
                return
            total += sum(map(len, pieces))
            if total > most:
                self._wire.bad("The mail server says more than it was asked.")
            yield self.understood(pieces)

    def response(self) -> list[bytes]:
        """A line, and as long as a line announces bytes, those and the line after them."""
        pieces = [self._line()]
        while found := LITERAL.search(pieces[-1]):
            size = int(found[1])
            if size > LONGEST_LITERAL:
                self._wire.bad("The mail server announces more than a message may have.", pieces[0])
            pieces += [self._wire.read_exactly(size), self._line()]
        return pieces

    def understood(self, pieces: list[bytes]) -> Untagged:
        """An untagged response; raises what a goodbye means, and BadReply for what is none."""
        first = pieces[0]
        if first.startswith(b"+"):
            return Untagged(b"+", None, b"", pieces)
        if not first.startswith(b"* "):
            self._wire.bad("The mail server answered with something that is no IMAP reply.", first)
        rest = first[2:]
        status = STATUS.match(rest)
        if status:
            kind = status[1].upper()
            if kind == b"BYE":
                self._leave(status[3] or rest)
            return Untagged(kind, None, status[2] or b"", [status[3] or b""])
        number: int | None = None
        word, _, tail = rest.partition(b" ")
        if word.isdigit() and len(word) < 20:
            number = int(word)
            word, _, tail = tail.partition(b" ")
        return Untagged(word.upper(), number, b"", [tail, *pieces[1:]])

    def _line(self) -> bytes:
        line = self._wire.last_line = self._wire.read_line()
        return line

    def _wait_for_more(self, tag: bytes) -> None:
        while True:
            pieces = self.response()
            if pieces[0].startswith(tag + b" "):
                self._ended(pieces[0][len(tag) + 1 :])
                self._wire.bad("The mail server ends a command before it has read it.", pieces[0])
            if self.understood(pieces).kind == b"+":
                return

    def _ended(self, line: bytes) -> bytes:
        status = STATUS.match(line)
        kind = status[1].upper() if status else b""
        if status is None or kind not in (b"OK", b"NO", b"BAD"):
            self._wire.bad(
                "The mail server ends a command with something that is no IMAP reply.", line
            )
        code: bytes = status[2] or b""
        if kind == b"OK":
            return code
        said = readable(line[:300])
        if LATER.search(line) and b"QUOTA" not in line.upper():
            raise Throttled(f"The mail server asks us to come back later: {said}")
        if MISSING.search(line):
            raise FolderMissing(f"The mail server said: {said}")
        raise CommandRefused(f"The mail server said: {said}")

    def _leave(self, words: bytes) -> None:
        self._wire.close()
        said = readable(words[:300])
        if LATER.search(words):
            raise Throttled(f"The mail server asks us to come back later: {said}")
        raise ServerUnreachable(f"The mail server hung up: {said}")
