"""What is not wrong in a message, and still keeps it from being read: links, pictures, size, dark screens (X0-14)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from urllib.parse import urlsplit

from mail.markup import Piece, contain, line_at

CLIPPED_BYTES = 100_000  # Gmail shows no more of a message than about 102 KB.
LONGEST_SUBJECT = 78
PICTURE_BYTES = 50_000  # of one that stands in the text itself
FEWEST_LETTERS = 20  # beside pictures
FAINT = 3.0  # WCAG 2.2, 1.4.11: below this contrast nobody reads it
DARK_PAPER, LIGHT_PAPER = (0x15, 0x19, 0x1D), (0xFF, 0xFF, 0xFF)
ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"']+))")
COLOUR = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})\b|\b(black|white)\b", re.IGNORECASE)
INK = re.compile(r"(?:^|;)\s*color\s*:\s*([^;]+)", re.IGNORECASE)
PAPER = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;]+)", re.IGNORECASE)
FIELD = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
SHOUTED = re.compile(r"[!¡]{2,}|!.*!")


class Remark(StrEnum):
    """What might be better."""

    LINK_WITHOUT_TARGET = "link_without_target"
    LINK_NOT_WHOLE = "link_not_whole"
    LINK_NOT_SECURE = "link_not_secure"
    LINK_HERE_ONLY = "link_here_only"
    LINK_WITHOUT_WORDS = "link_without_words"
    PICTURE_WITHOUT_WORDS = "picture_without_words"
    PICTURE_TOO_LARGE = "picture_too_large"
    PICTURES_ONLY = "pictures_only"
    TOO_LARGE = "too_large"
    SUBJECT_TOO_LONG = "subject_too_long"
    SUBJECT_SHOUTS = "subject_shouts"
    FAINT_IN_DARK = "faint_in_dark"
    FAINT_IN_LIGHT = "faint_in_light"


@dataclass(frozen=True, slots=True)
class Remarked:
    """A remark, the line of the body that it is about (0: the whole, or the subject), and what stands there."""

    remark: Remark
    line: int = 0
    name: str = ""


def lint(subject: str, body_html: str) -> list[Remarked]:
    """Everything that might be better, each once a line."""
    pieces = contain(body_html).pieces
    found = [*_of_subject(subject), *_of_whole(body_html, pieces)]
    for at, piece in enumerate(pieces):
        if piece.is_end or not piece.name:
            continue
        line = line_at(body_html, piece.at)
        of = _attributes(piece.text)
        found += [Remarked(each, line, name) for each, name in _of_element(pieces, at, of)]
    return list(dict.fromkeys(found))


def _of_subject(subject: str) -> Iterator[Remarked]:
    words = FIELD.sub("", subject)
    if len(words) > LONGEST_SUBJECT:
        yield Remarked(Remark.SUBJECT_TOO_LONG, name=str(LONGEST_SUBJECT))
    letters = [sign for sign in words if sign.isalpha()]
    if SHOUTED.search(words) or (len(letters) > 10 and all(one.isupper() for one in letters)):
        yield Remarked(Remark.SUBJECT_SHOUTS)


def _of_whole(body: str, pieces: tuple[Piece, ...]) -> Iterator[Remarked]:
    size = len(body.encode())
    if size > CLIPPED_BYTES * 9 // 10:
        yield Remarked(Remark.TOO_LARGE, name=str(size // 1000))
    text = "".join(piece.text for piece in pieces if not piece.name)
    has_picture = any(piece.name == "img" for piece in pieces)
    if has_picture and len("".join(unescape(text).split())) < FEWEST_LETTERS:
        yield Remarked(Remark.PICTURES_ONLY)


def _of_element(
    pieces: tuple[Piece, ...], at: int, of: dict[str, str]
) -> Iterator[tuple[Remark, str]]:
    name = pieces[at].name
    if name == "a":
        href = of.get("href", "").strip()
        problem = _of_target(href)
        if problem is not None:
            yield problem, href[:60]
        if not _words_of_link(pieces, at):
            yield Remark.LINK_WITHOUT_WORDS, href[:60]
    if name == "img":
        source = of.get("src", "").strip()
        if "alt" not in of:
            yield Remark.PICTURE_WITHOUT_WORDS, source[:60]
        if source.startswith("data:") and len(source) > PICTURE_BYTES:
            yield Remark.PICTURE_TOO_LARGE, str(len(source) // 1000)
    yield from ((remark, "") for remark in _of_colours(of.get("style", "")))


def _of_target(href: str) -> Remark | None:
    """What is broken in where a link leads; what a field fills in is not known here."""
    if not href or href == "#":
        return Remark.LINK_WITHOUT_TARGET
    if FIELD.match(href):
        return None
    parts = urlsplit(FIELD.sub("x", href))
    if parts.scheme == "mailto":
        return None if "@" in parts.path else Remark.LINK_NOT_WHOLE
    if parts.scheme == "tel":
        return None
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    if parts.scheme not in ("http", "https") or not host:
        return Remark.LINK_NOT_WHOLE
    if host == "localhost" or host.startswith("127.") or "." not in host:
        return Remark.LINK_HERE_ONLY
    return Remark.LINK_NOT_SECURE if parts.scheme == "http" else None


def _words_of_link(pieces: tuple[Piece, ...], at: int) -> bool:
    """Whether there is something to read, or a picture with words, up to the end of the link."""
    for piece in pieces[at + 1 :]:
        if piece.name == "a":
            return False
        if not piece.name and unescape(piece.text).strip():
            return True
        if piece.name == "img" and _attributes(piece.text).get("alt", "").strip():
            return True
    return False


def _of_colours(style: str) -> Iterator[Remark]:
    """Ink without paper of its own, or paper without ink, takes the other one from the reader's screen."""
    ink, paper = _colour(INK, style), _colour(PAPER, style)
    if ink is not None and paper is None:
        if _contrast(ink, DARK_PAPER) < FAINT:
            yield Remark.FAINT_IN_DARK
        if _contrast(ink, LIGHT_PAPER) < FAINT:
            yield Remark.FAINT_IN_LIGHT
    if paper is not None and ink is None and _contrast(paper, (0xE9, 0xEE, 0xF2)) < FAINT:
        yield Remark.FAINT_IN_DARK  # letters are light there


def _colour(of: re.Pattern[str], style: str) -> tuple[int, int, int] | None:
    said = of.search(style)
    found = COLOUR.search(said[1]) if said else None
    if found is None:
        return None
    if found[2]:
        return (0, 0, 0) if found[2].lower() == "black" else (255, 255, 255)
    digits = found[1] if len(found[1]) == 6 else "".join(sign * 2 for sign in found[1])
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """As WCAG 2.2 reckons it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    parts = [value / 255 for value in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _attributes(tag: str) -> dict[str, str]:
    found = {}
    for name, *values in ATTRIBUTE.findall(tag):
        found[name.lower()] = unescape(next((value for value in values if value), ""))
    if re.search(r"\salt(?=[\s/>])(?!\s*=)", tag):
        found.setdefault("alt", "")
    return found
