"""What was told to one reader and written down, told anew to another, in the other language.

A reason of a run stays with its row in the language of whoever began it. It is known by its form, as in `retelling.py`,
but among all sentences of the catalogue; what nobody translated, such as a name, stays as it is.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from services.system.sentence_form import SentenceForm, filled

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"
ENGLISH = "en"  # stands in the code
LETTERS_AT_LEAST = 6  # a form with fewer of its own would fit to anything


def told_anew(said: str, *, told_in: str, lang: str) -> str:
    """The sentence in this language; as it was if it is in it already, or if it is none of ours."""
    if told_in == lang:
        return said
    whole, forms = _known(told_in, lang)
    if said in whole:
        return whole[said]
    for form, other in forms:
        values = form.match(said)
        if values is not None:
            return filled(other, {name: whole.get(v, v) for name, v in values.items()})
    return said


@cache
def _known(told_in: str, lang: str) -> tuple[dict[str, str], list[tuple[SentenceForm, str]]]:
    """Whole sentences by what they say, and forms, those that say most of their own first."""
    whole: dict[str, str] = {}
    forms: list[tuple[SentenceForm, str]] = []
    for said, other in _pairs(told_in, lang):
        form = SentenceForm.of(said)
        if not form.names:
            whole.setdefault(said, other)
        elif sum(map(str.isalpha, "".join(form.pieces))) >= LETTERS_AT_LEAST:
            forms.append((form, other))
    return whole, sorted(forms, key=lambda each: -sum(map(len, each[0].pieces)))


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
