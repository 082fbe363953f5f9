"""What is written to an IMAP server and read from it (RFC 3501, section 9).

Every word that reaches a command passes `quoted` or `folder_name`: no control character goes to a server, whatever a
folder was named by somebody.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from imapclient import imap_utf7

from mail.errors import BadReply, CommandRefused

LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\}\Z")
TOKEN = re.compile(
    rb' *(?:(?P<open>\()|(?P<close>\))|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<atom>(?:[^ ()"\[]|\[[^\]]*\]?)+))'
)
ESCAPED = re.compile(rb"\\(.)")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DEEPEST = 50
FLAG = re.compile(r"\\?[!#-'*+\--Z^-z|}~\[]+")

Value = Any  # bytes, or a list of values


def quoted(text: str) -> bytes:
    """A string of ASCII for a command. Raises CommandRefused."""
    if CONTROL.search(text) or not text.isascii():
        raise CommandRefused("A word for a mail server has no control characters.")
    return b'"' + text.replace("\\", "\\\\").replace('"', '\\"').encode("ascii") + b'"'


def folder_name(path: str) -> bytes:
    """The name of a folder for a command, in modified UTF-7. Raises CommandRefused."""
    if CONTROL.search(path):
        raise CommandRefused("The name of a folder has no control characters.")
    encoded: bytes = imap_utf7.encode(path)
    return quoted(encoded.decode("ascii"))


def read_folder_name(name: bytes) -> str:
    """The name that a server writes; one that is no modified UTF-7 stands as it is."""
    try:
        decoded: str = imap_utf7.decode(name)
    except (UnicodeError, ValueError):
        decoded = name.decode("utf-8", "replace")
    return decoded


def flag_list(flags: Iterable[str]) -> bytes:
    """Flags for a command; words that a server could take for something else are left out."""
    known = sorted({each for each in flags if FLAG.fullmatch(each)})
    return b"(" + " ".join(known).encode("ascii") + b")"


def uid_set(uids: Iterable[int]) -> bytes:
    """`1:3,7`: the shortest form, in rising order."""
    runs: list[list[int]] = []
    for uid in sorted(set(uids)):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs).encode("ascii")


def read_uid_set(text: bytes, *, most: int) -> list[tuple[int, int]]:
    """Ranges of UIDs, both ends included, `*` and nonsense left out; raises BadReply if there are more than `most`."""
    ranges = []
    for piece in text.split(b","):
        first, _, last = piece.partition(b":")
        if first.isdigit() and (last.isdigit() or not last):
            one, other = int(first), int(last or first)
            ranges.append((min(one, other), max(one, other)))
        if len(ranges) > most:
            raise BadReply("The mail server names more messages than there can be.")
    return ranges


def values_of(pieces: Sequence[bytes]) -> list[Value]:
    """The words of an answer: `pieces` are lines and, after each line that announces one, the bytes that follow it.

    Raises BadReply for what does not fit together.
    """
    stack: list[list[Value]] = [[]]
    for number, piece in enumerate(pieces):
        if number % 2:  # bytes that were announced
            stack[-1].append(piece)
            continue
        line = LITERAL.sub(b"", piece) if number + 1 < len(pieces) else piece
        for value in _tokens(line):
            if value == "(":
                stack.append([])
                if len(stack) > DEEPEST:
                    raise BadReply("The mail server's answer is nested too deeply.")
            elif value == ")":
                if len(stack) == 1:
                    raise BadReply("The mail server's answer closes what is not open.")
                closed = stack.pop()
                stack[-1].append(closed)
            else:
                stack[-1].append(value)
    if len(stack) > 1:
        raise BadReply("The mail server's answer breaks off.")
    return stack[0]


def _tokens(line: bytes) -> Iterator[bytes | str]:
    """Parentheses as strings, everything else as bytes."""
    position, end = 0, len(line)
    while position < end:
        found = TOKEN.match(line, position)
        if found is None:
            if line[position:].strip(b" "):
                raise BadReply("The mail server's answer cannot be read.")
            return
        position = found.end()
        kind = found.lastgroup
        if kind == "open":
            yield "("
        elif kind == "close":
            yield ")"
        elif kind == "text":
            yield ESCAPED.sub(rb"\1", found["text"])
        else:
            yield found["atom"]
