"""Which texts of a page are sentences of ours in another language than the page's (P-20)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser

from services.system.sentence_form import SentenceForm
from translations.catalogue import stored

READ_OUT = {"alt", "aria-label", "placeholder", "title", "data-too-large"}
LETTERS_AT_LEAST = 6  # of its own, for a sentence with places: with fewer it would fit to anything
WITHOUT_WORDS = {"script", "style"}


class Texts(HTMLParser):
    """What somebody reads or hears on a page, but for the parts that say that they are in another language."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.lang = ""
        self._silent = 0  # depth within what is not read
        self._within = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if not self.lang:
            self.lang = named.get("lang") or ""
        elif self._silent:
            self._silent += tag == self._within
        elif "lang" in named or tag in WITHOUT_WORDS:
            self._silent, self._within = 1, tag
        if not self._silent:
            self.found += [value for name, value in attrs if name in READ_OUT and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= bool(self._silent) and tag == self._within

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


@dataclass(frozen=True)
class Sentences:
    """The sentences of some languages: whole ones, and those with places to fill in."""

    whole: frozenset[str]
    forms: tuple[SentenceForm, ...]

    def hold(self, text: str) -> bool:
        return text in self.whole or any(form.match(text) is not None for form in self.forms)


def foreign_to_portuguese(html: str) -> list[str]:
    """What a Portuguese page says in English or Spanish; whether it says at all that it is Portuguese."""
    page = Texts()
    page.feed(html)
    ours, theirs = _sentences()
    wrong = [] if page.lang == "pt" else [f"the page says that it is in {page.lang!r}"]
    return wrong + [text for text in page.found if theirs.hold(text) and not ours.hold(text)]


@cache
def _sentences() -> tuple[Sentences, Sentences]:
    """The Portuguese ones, and all others."""
    portuguese, theirs = [], []
    for message in stored("es"):
        theirs += [*_pieces(message.id), *_pieces(message.string)]
    for message in stored("pt"):
        portuguese += _pieces(message.string)
    return _collected(portuguese), _collected(theirs)


def _collected(texts: list[str]) -> Sentences:
    forms = {SentenceForm.of(text) for text in texts}
    return Sentences(
        frozenset("".join(form.pieces) for form in forms if not form.names),
        tuple(
            form
            for form in forms
            if form.names and sum(map(str.isalpha, "".join(form.pieces))) >= LETTERS_AT_LEAST
        ),
    )


def _pieces(said: str | tuple[str, ...]) -> Iterator[str]:
    """As they stand on a page: between its tags."""
    for sentence in (said,) if isinstance(said, str) else said:
        for piece in re.split(r"<[^>]+>", sentence):
            if sum(map(str.isalpha, piece)) > 2:
                yield " ".join(piece.split())
