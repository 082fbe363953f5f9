"""What was written down in one language is read in the other."""

import pytest
from babel.messages.pofile import read_po

from services.system.sentence_form import PLACE
from services.system.told_anew import LETTERS_AT_LEAST, TRANSLATIONS, told_anew

CHANGED = ("It was changed since.", "Cambió desde entonces.")


def sentences() -> list[tuple[str, str]]:
    """Those of the catalogue that stand alone and say something of their own, with something in their places."""
    with (TRANSLATIONS / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        found = [(m.id, m.string) for m in read_po(file, locale="es") if isinstance(m.id, str)]
    whole = [pair for pair in found if pair[0].endswith(".") and all(map(_says_enough, pair))]
    return [(PLACE.sub("X9x", english), PLACE.sub("X9x", foreign)) for english, foreign in whole]


def _says_enough(sentence: str) -> bool:
    return sum(map(str.isalpha, PLACE.sub("", sentence))) >= LETTERS_AT_LEAST


def test_every_sentence_that_stands_alone_is_known_again() -> None:
    """In both directions; where two sentences are one in a language, either of them will do."""
    found = sentences()
    lost = []
    for english, spanish in found:
        for said, told_in, lang in ((english, "en", "es"), (spanish, "es", "en")):
            there = told_anew(said, told_in=told_in, lang=lang)
            back = told_anew(there, told_in=lang, lang=told_in)
            if there == said or told_anew(back, told_in=told_in, lang=lang) != there:
                lost.append((said, there, back))

    assert len(found) > 1_000
    assert lost == []


@pytest.mark.parametrize(
    ("said", "told_in", "lang", "anew"),
    [
        (CHANGED[1], "es", "en", CHANGED[0]),
        (CHANGED[0], "en", "es", CHANGED[1]),
        (CHANGED[0], "en", "en", CHANGED[0]),
        ("Ese NIT lo tiene Ana.", "es", "en", "Ese NIT lo tiene Ana."),
        (CHANGED[0], "en", "fr", CHANGED[0]),
    ],
)
def test_what_is_none_of_ours_stays(said: str, told_in: str, lang: str, anew: str) -> None:
    assert told_anew(said, told_in=told_in, lang=lang) == anew
