"""What was told to one reader and written down, told anew to another, in the other language.

A reason of a run stays with its row in the language of whoever began it. It is known by its form, as in `retelling.py`,
but among all sentences of the catalogue; what nobody translated, such as a name, stays as it is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
ENGLISH = "en"  # stands in the code
PLACE = re.compile(r"%\((\w+)\)[sd]")
LETTERS_AT_LEAST = 6  # a form with fewer of its own would fit to anything


@dataclass(frozen=True)
class Form:
    """A sentence with places to fill in, and the other language's."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    other: str

    def match(self, said: str) -> dict[str, str] | None:
        """What stands in the places, if the sentence is one of this form."""
        if not all(piece in said for piece in self.pieces):
            return None
        pattern = re.escape(self.pieces[0])
        for place, (name, piece) in enumerate(zip(self.names, self.pieces[1:], strict=True)):
            is_again = name in self.names[:place]
            pattern += f"(?P={name})" if is_again else f"(?P<{name}>.+?)"
            pattern += re.escape(piece)
        found = re.fullmatch(pattern, said, re.DOTALL)
        return found.groupdict() if found else None


def told_anew(said: str, *, told_in: str, lang: str) -> str:
    """The sentence in this language; as it was if it is in it already, or if it is none of ours."""
    if told_in == lang:
        return said
    whole, forms = _known(told_in, lang)
    if said in whole:
        return whole[said]
    for form in forms:
        values = form.match(said)
        if values is not None:
            return _filled(form.other, {name: whole.get(v, v) for name, v in values.items()})
    return said


@cache
def _known(told_in: str, lang: str) -> tuple[dict[str, str], list[Form]]:
    """Whole sentences by what they say, and forms, those that say most of their own first."""
    whole: dict[str, str] = {}
    forms: list[Form] = []
    for said, other in _pairs(told_in, lang):
        pieces = PLACE.split(said)
        if len(pieces) == 1:
            whole.setdefault(said, other)
            continue
        own = tuple(piece.replace("%%", "%") for piece in pieces[::2])
        if sum(map(str.isalpha, "".join(own))) >= LETTERS_AT_LEAST:
            forms.append(Form(own, tuple(pieces[1::2]), other))
    return whole, sorted(forms, key=lambda form: -sum(map(len, form.pieces)))


def _pairs(told_in: str, lang: str) -> Iterator[tuple[str, str]]:
    """Every sentence in both languages, one and many each for itself."""
    for english, foreign in _catalogue(lang if told_in == ENGLISH else told_in):
        yield (english, foreign) if told_in == ENGLISH else (foreign, english)


def _catalogue(lang: str) -> Iterator[tuple[str, str]]:
    file = TRANSLATIONS / lang / "LC_MESSAGES" / "messages.po"
    if not file.exists():
        return
    with file.open("rb") as stored:
        for message in read_po(stored, locale=lang):
            said, told = _forms(message.id), _forms(message.string)
            yield from ((a, b) for a, b in zip(said, told, strict=True) if a and b)


def _forms(said: Any) -> tuple[str, ...]:
    """One, or one and many, as a catalogue has them."""
    return (said,) if isinstance(said, str) else tuple(said)


def _filled(form: str, values: dict[str, str]) -> str:
    return PLACE.sub(lambda place: values.get(place[1], place[0]), form).replace("%%", "%")
