"""What in an answer is only repeated from the message before, so that it can be folded away."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from mail.quoting import QUOTED

# “El 3 de julio Sofía escribió:”, "On 3 July Sofía wrote:", and the head that Outlook writes.
INTRODUCED = re.compile(
    r"^(?:>.*|(?:El|On|Am|Le|Em) .{3,200}(?:escribió|wrote|schrieb|a écrit|escreveu) ?:|"
    r"-{2,} ?(?:Mensaje original|Original Message|Mensaje reenviado|Forwarded message) ?-{2,}|_{20,})\s*$",
    re.IGNORECASE,
)
# The same over two lines, as Gmail breaks them.
BEGINS = re.compile(r"^(?:El|On|Am|Le|Em) .{3,200}$", re.IGNORECASE)
# The head of the message before without a line above it, as Outlook writes it: who, when, to whom.
HEAD = tuple(
    re.compile(rf"^\*?(?:{names}) ?:\*? ?.+", re.IGNORECASE)
    for names in (
        "De|From|Von|Da",
        "Enviado(?: el)?|Fecha|Sent|Date|Gesendet|Envoyé|Data",
        "Para|To|An|À|A",
    )
)
WITHOUT_END = {"br", "col", "hr", "img"}
QUOTES = re.compile(
    r"gmail_quote|moz-cite-prefix|yahoo_quoted|protonmail_quote|divRplyFwdMsg|appendonsend"
)
QUOTED_ELEMENT = re.compile(
    rf"<(?:div|blockquote|span|p|table|hr)\b[^<>]{{0,500}}?"
    rf"(?:{QUOTES.pattern}|type=[\"']?cite|class=[\"']?{QUOTED}[\"'\s>])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in two: what its writer wrote, and what is repeated below it."""

    written: str
    quoted: str = ""


def fold_text(text: str) -> Folded:
    """Cut a plain text where the message before begins, if nothing but that follows.

    A message that is nothing but repeated text (a forward without a word) stays whole.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not _introduces(lines, number):
            continue
        rest = [each for each in lines[number + 1 :] if each.strip()]
        is_head = not line.lstrip().startswith(">")
        if is_head or all(each.lstrip().startswith(">") for each in rest):
            written = "\n".join(lines[:number]).rstrip()
            if written.strip():
                return Folded(written, "\n".join(lines[number:]).strip("\n"))
            break
    return Folded(text.rstrip())


def below_quote(text: str) -> str:
    """What stands below the message before, where a text begins with that; empty if nothing does.

    A text that begins with other words, or whose lines answer one another, stays whole.
    """
    lines = text.strip("\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if not _introduces(lines, first):
        return text
    quoted = [number for number, line in enumerate(lines) if line.lstrip().startswith(">")]
    if not quoted:
        return ""
    between = lines[quoted[0] : quoted[-1]]
    if any(line.strip() and not line.lstrip().startswith(">") for line in between):
        return text
    return "\n".join(lines[quoted[-1] + 1 :]).strip()


def begin_of_quote(html: str) -> str:
    """Any HTML up to the element that repeats the message before; all of it if there is none."""
    found = QUOTED_ELEMENT.search(html)
    return html[: found.start()] if found and html[: found.start()].strip() else html


def fold_html(html: str, words: str) -> str:
    """Put the first quoted element of cleaned HTML into a `details` that says `words`.

    Elements count as quoted by the classes and ids that mail programs give them (`QUOTES`), by ours, or as a
    `blockquote type="cite"`. What stands before it stays open; without anything before it, all does.
    """
    finder = _Quotes()
    finder.feed(html)
    if finder.begin is None or not finder.has_text_before:
        return html
    begin, end = _offset(html, finder.begin), len(html)
    if finder.end is not None:
        end = html.index(">", _offset(html, finder.end)) + 1
    return (
        f"{html[:begin]}<details><summary>{words}</summary>{html[begin:end]}</details>{html[end:]}"
    )


def _introduces(lines: Sequence[str], number: int) -> bool:
    """Whether the message before begins at this line."""
    line = lines[number].strip()
    if INTRODUCED.match(line):
        return True
    following = [each.strip() for each in lines[number + 1 : number + 6]]
    if BEGINS.match(line) and following and INTRODUCED.match(f"{line} {following[0]}"):
        return True
    first, *others = HEAD
    return bool(first.match(line)) and all(
        any(pattern.match(each) for each in following) for pattern in others
    )


class _Quotes(HTMLParser):
    """Where the first quoted element begins and ends; the HTML is a cleaner's, so that all elements are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.begin: tuple[int, int] | None = None
        self.end: tuple[int, int] | None = None
        self.has_text_before = False
        self._depth = 0
        self._depth_of_quote = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in WITHOUT_END:
            return
        self._depth += 1
        if self.begin is None and _is_quote(tag, dict(attrs)):
            self.begin, self._depth_of_quote = self.getpos(), self._depth

    def handle_endtag(self, tag: str) -> None:
        if tag in WITHOUT_END:
            return
        if self.begin and self.end is None and self._depth == self._depth_of_quote:
            self.end = self.getpos()
        self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self.begin is None and data.strip():
            self.has_text_before = True


def _is_quote(tag: str, attributes: dict[str, str | None]) -> bool:
    if tag == "blockquote" and attributes.get("type") == "cite":
        return True
    if attributes.get("class") == QUOTED:
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return QUOTES.search(names) is not None


def _offset(text: str, place: tuple[int, int]) -> int:
    line, column = place
    at = 0
    for _line in range(line - 1):
        at = text.index("\n", at) + 1
    return at + column
