"""What can be told from the HTML of a message about how a phone shows it."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

SCREEN = 390  # pixels
WIDTH = re.compile(r"(?:^|;)\s*(?:min-)?width\s*:\s*(\d+)(?:\.\d+)?px", re.IGNORECASE)
SHRINKS = re.compile(r"(?:^|;)\s*(?:max-)?width\s*:\s*(?:100%|\d+vw)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PhoneFacts:
    """`too_wide` is the widest element that does not shrink to the screen, in pixels; 0 where there is none."""

    too_wide: int
    pictures: int
    pictures_without_words: int


def phone_facts(html: str) -> PhoneFacts:
    """Read once, without rendering: widths that are written down, and pictures with and without a text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return PhoneFacts(reader.too_wide, reader.pictures, reader.without_words)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.too_wide = self.pictures = self.without_words = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.too_wide = max(self.too_wide, _fixed_width(said))
        if tag == "img":
            self.pictures += 1
            self.without_words += not said.get("alt", "").strip()


def _fixed_width(said: dict[str, str]) -> int:
    """The width of an element in pixels, where that is more than the screen and nothing lets it shrink."""
    style = said.get("style", "")
    if SHRINKS.search(style):
        return 0
    written = [said.get("width", ""), *WIDTH.findall(style)]
    widest = max((int(each) for each in written if each.isdecimal()), default=0)
    return widest if widest > SCREEN else 0
