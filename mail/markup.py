"""HTML that people write, as pieces: what each text keeps for itself, so that the next one is not swallowed."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# Elements of HTML that need no closing tag, or have none (HTML standard, section 13.1.2).
WITHOUT_END = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}
END_MAY_BE_MISSING = {
    *("colgroup", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"),
}
# Removed with what stands in them.
REMOVED_WHOLE = {
    *("iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select", "svg"),
    *("template", "textarea", "title", "xmp"),
}
# Removed as tags; what stands in them stays.
REMOVED_TAGS = {
    *("applet", "base", "button", "embed", "form", "frame", "frameset", "input", "link"),
    *("option", "plaintext"),
}
TAG = (
    r"<(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    r"(?P<rest>(?:[^>\"'<]++|\"[^\"]*+\"|'[^']*+')*)(?P<end>>|(?=<)|\Z|(?=[\"']))"
)
PIECE = re.compile(
    rf"<!--(?P<comment>.*?)(?:--!?>|\Z)|<[!?/](?![a-zA-Z])[^>]*+>?|<![^>]*+>?|{TAG}", re.DOTALL
)
HANDLER = re.compile(r"[\s/\"']on[a-z]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*)", re.IGNORECASE)
SCRIPT_LINK = re.compile(
    r"\b(?:href|src|action|formaction)\s*=\s*(?:\"\s*(?:javascript|vbscript):[^\"]*\""
    r"|'\s*(?:javascript|vbscript):[^']*'|(?:javascript|vbscript):[^\s>]*)",
    re.IGNORECASE,
)


# Would reach into what stands behind a text that forgets to close them; they are closed where it ends.
INLINE = {
    *("a", "abbr", "b", "big", "code", "em", "font", "i", "s", "small", "span", "strike", "strong"),
    *("sub", "sup", "tt", "u"),
}


class Flaw(StrEnum):
    """What is odd at one place of a text."""

    NOT_CLOSED = "not_closed"
    NOT_OPENED = "not_opened"
    UNFINISHED = "unfinished"  # a tag, a comment or a style sheet that the text ends in
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Found:
    """A flaw: its line from 1 on, and the element, or attribute, that it is about."""

    flaw: Flaw
    line: int
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A tag or text between tags; `name` is empty for text."""

    text: str
    at: int
    name: str = ""
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Contained:
    """A text without what runs or loads, whose last piece is finished; its style sheets stand apart."""

    pieces: tuple[Piece, ...]
    styles: tuple[str, ...]
    found: tuple[Found, ...]
    cuts: tuple[tuple[int, int, str], ...]  # from, to, and what stands there instead

    @property
    def html(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def contain(text: str) -> Contained:
    """Take a text apart; nothing of it can reach into what stands behind it, save elements it leaves open."""
    pieces: list[Piece] = []
    styles: list[str] = []
    found: list[Found] = []
    cuts: list[tuple[int, int, str]] = []

    def note(flaw: Flaw, at: int, name: str) -> None:
        found.append(Found(flaw, line_at(text, at), name))

    at = 0
    while match := PIECE.search(text, at):
        if match.start() > at:
            pieces.append(Piece(text[at : match.start()], at))
        start, at = match.start(), match.end()
        name = (match["name"] or "").lower()
        if not name:
            if match["comment"] is not None and not match[0].endswith(">"):
                note(Flaw.UNFINISHED, start, "<!--")
            continue
        if match["end"] != ">":
            note(Flaw.UNFINISHED, start, f"<{match['slash']}{name}")
            continue
        is_end = match["slash"] == "/"
        if name == "style" and not is_end:
            inside, at, is_closed = _up_to_end(text, at, name)
            styles.append(inside)
            if not is_closed:
                note(Flaw.UNFINISHED, start, "<style>")
        elif name in REMOVED_WHOLE and not is_end:
            if name != "title":
                note(Flaw.REMOVED, start, f"<{name}>")
            _inside, after, is_closed = _up_to_end(text, at, name)
            at = after if is_closed or name == "script" else at
            if name != "title":
                cuts.append((start, at, ""))
        elif name in REMOVED_TAGS | REMOVED_WHOLE | {"style"}:
            cuts.append((start, at, ""))
            if not is_end:
                note(Flaw.REMOVED, start, f"<{name}>")
        else:
            tag, removed = _without_handlers(match[0])
            for attribute in removed:
                note(Flaw.REMOVED, start, attribute)
            if removed:
                cuts.append((start, at, tag))
            pieces.append(Piece(tag, start, name, is_end))
    if at < len(text):
        pieces.append(Piece(text[at:], at))
    return Contained(tuple(pieces), tuple(styles), tuple(found), tuple(cuts))


def without_active(text: str) -> str:
    """The text as it was written, without scripts, forms and their kin."""
    for start, end, instead in reversed(contain(text).cuts):
        text = text[:start] + instead + text[end:]
    return text


def line_at(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def balance(texts: dict[str, tuple[str, Contained]]) -> Iterator[tuple[str, Found]]:
    """Name what is opened and not closed, or closed and not opened, over all texts in their order.

    `texts` is name -> (the text, taken apart). An element may be opened in one text and closed in a later one.
    """
    open_ones: list[tuple[str, str, int]] = []
    for of, (text, contained) in texts.items():
        for piece in contained.pieces:
            if not piece.name or piece.name in WITHOUT_END or piece.text.endswith("/>"):
                continue
            if not piece.is_end:
                open_ones.append((piece.name, of, piece.at))
                continue
            place = next(
                (n for n in range(len(open_ones) - 1, -1, -1) if open_ones[n][0] == piece.name),
                None,
            )
            if place is None:
                yield of, Found(Flaw.NOT_OPENED, line_at(text, piece.at), f"</{piece.name}>")
                continue
            yield from _not_closed(open_ones[place + 1 :], texts)
            del open_ones[place:]
    yield from _not_closed(open_ones, texts)


def closings(texts: dict[str, tuple[str, Contained]]) -> dict[str, str]:
    """By text, the closing tags it forgets of what stands within lines; those of its blocks come last of all."""
    found: dict[str, str] = defaultdict(str)
    for of, flaw in balance(texts):
        name = flaw.name.strip("<>")
        if flaw.flaw is Flaw.NOT_CLOSED and name in INLINE:
            found[of] = f"</{name}>{found[of]}"
    return found


def _not_closed(
    left: list[tuple[str, str, int]], texts: dict[str, tuple[str, Contained]]
) -> Iterator[tuple[str, Found]]:
    for name, of, at in left:
        if name not in END_MAY_BE_MISSING:
            yield of, Found(Flaw.NOT_CLOSED, line_at(texts[of][0], at), f"<{name}>")


def _up_to_end(text: str, at: int, name: str) -> tuple[str, int, bool]:
    """What stands in the element, where it ends, and whether it is closed."""
    end = re.compile(rf"</{name}\b[^>]*>", re.IGNORECASE).search(text, at)
    if end is None:
        return text[at:], len(text), False
    return text[at : end.start()], end.end(), True


def _without_handlers(tag: str) -> tuple[str, list[str]]:
    removed = [
        found[0].strip(" \t\r\n/\"'").partition("=")[0].strip() for found in HANDLER.finditer(tag)
    ]
    removed += ["javascript:" for _found in SCRIPT_LINK.finditer(tag)]
    if removed:
        tag = SCRIPT_LINK.sub("", HANDLER.sub("", tag))
    return tag, removed
