"""What an IMAP client writes, as words (RFC 3501, section 9)."""

import re
from collections.abc import Iterator, Sequence
from io import BufferedIOBase

from embedded.mail_server.mailboxes import LARGEST_MESSAGE_BYTES

LONGEST_LINE = 256 * 1024  # bytes
LITERAL = re.compile(rb"\{(\d{1,9})\}\r?\n\Z")
TOKEN = re.compile(
    rb' *(?:(?P<open>\()|(?P<close>\))|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<atom>(?:[^ ()"\[]|\[[^\]]*\])+))'
)

Word = bytes | list["Word"]


class Unreadable(Exception):
    """The client's line is no command that we know; the message says why."""


def read_pieces(lines: BufferedIOBase, answer: BufferedIOBase) -> list[bytes]:
    """A command as it comes: lines, and between them the bytes that they announce. Raises EOFError and Unreadable."""
    pieces = []
    while True:
        line = lines.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise EOFError
        announced = LITERAL.search(line)
        pieces.append(LITERAL.sub(b"", line).rstrip(b"\r\n"))
        if announced is None:
            return pieces
        size = int(announced[1])
        if size > LARGEST_MESSAGE_BYTES:
            raise Unreadable("That is larger than a message may be.")
        answer.write(b"+ Go on\r\n")
        answer.flush()
        pieces.append(lines.read(size))


def words_of(pieces: Sequence[bytes]) -> list[Word]:
    """The words of a command, what stands in parentheses as a list. Raises Unreadable."""
    stack: list[list[Word]] = [[]]
    for number, piece in enumerate(pieces):
        if number % 2:
            stack[-1].append(piece)
            continue
        for kind, word in _tokens(piece):
            if kind == "open":
                stack.append([])
            elif kind == "close" and len(stack) > 1:
                closed = stack.pop()
                stack[-1].append(closed)
            elif kind == "close":
                raise Unreadable("This closes what is not open.")
            else:
                stack[-1].append(re.sub(rb"\\(.)", rb"\1", word) if kind == "text" else word)
    if len(stack) > 1:
        raise Unreadable("A parenthesis is not closed.")
    return stack[0]


def text_of(word: Word) -> str:
    """A word that has to be a string."""
    if isinstance(word, list):
        raise Unreadable("Parentheses do not belong here.")
    return word.decode("utf-8", "replace")


def texts_of(word: Word) -> list[str]:
    """Words in parentheses, or a single one without."""
    return [text_of(each) for each in word] if isinstance(word, list) else [text_of(word)]


def quoted(text: str) -> str:
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


def _tokens(line: bytes) -> Iterator[tuple[str, bytes]]:
    position = 0
    while line[position:].strip(b" "):
        found = TOKEN.match(line, position)
        if found is None:
            raise Unreadable("This cannot be read.")
        position = found.end()
        yield str(found.lastgroup), found[found.lastgroup or 0]
