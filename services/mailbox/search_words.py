"""The words of a question as the index is asked for them, in both languages and with or without accents."""

import re

from sqlalchemy import func, select

from models.base import db
from services.mailbox.searchable import searched_words
from services.mailbox.small_words import ENGLISH, SPANISH

# Who writes without accents finds what is written with them, and the other way round. The stemmer drops accents itself, but
# looks for endings first, which it knows with theirs only. An ñ is a letter of its own: “anos” are not “años”.
ENDINGS = (
    (re.compile(r"(?i)([cs])ion\b"), r"\1ión"),
    (re.compile(r"(?i)ia(s?)\b"), r"ía\1"),
)
PLAIN = str.maketrans("áéíóúÁÉÍÓÚ", "aeiouAEIOU")
BOTH_LANGUAGES = (SPANISH, ENGLISH)


def tsquery_of(words: str) -> str | None:
    """The question for the index, in both languages; None where it has no word that is kept there."""
    if not words:
        return None
    written = searched_words(words)
    spellings = {written, written.translate(PLAIN), _with_accents(written)}
    parts = [
        func.websearch_to_tsquery(language, spelling)
        for spelling in sorted(spellings)
        for language in BOTH_LANGUAGES
    ]
    found = db.session.execute(select(*parts)).one()
    kept = list(dict.fromkeys(query for query in found if query))
    if not kept:
        return None
    return " | ".join(f"({query})" for query in kept)


def _with_accents(words: str) -> str:
    for ending, accented in ENDINGS:
        words = ending.sub(accented, words)
    return words
