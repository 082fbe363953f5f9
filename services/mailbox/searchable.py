"""What of a message is searched, and in which language; whoever asks treats the question alike."""

import re
from itertools import repeat

from mail.parsing import ParsedMessage

LONGEST = 20_000  # characters
LOOKED_AT = 2_000  # characters that decide about the language
# `FAC-2024/0012` would be one odd word: nobody would find it by its number.
# The sign comes first in the pattern: a look at what stands before each letter takes eight times as long.
JOINT = re.compile(r"[-/_](?<=\w.)(?=\w)")
# What parts words as a space does, in every locale, and says which sign stood there: pieces are shown as they were written.
PARTS = {"-": "\x1d", "/": "\x1e", "_": "\x1f"}
SHOWN = str.maketrans({part: sign for sign, part in PARTS.items()})
SPANISH, ENGLISH = "mail_es", "mail_en"
STOP_WORDS = {
    SPANISH: frozenset(
        [
            "de",
            "la",
            "que",
            "el",
            "en",
            "y",
            "los",
            "del",
            "se",
            "las",
            "por",
            "un",
            "para",
            "con",
            "no",
            "una",
            "su",
            "al",
            "lo",
            "como",
            "más",
            "pero",
            "sus",
            "le",
            "ya",
            "o",
            "este",
            "sí",
            "porque",
            "esta",
            "entre",
            "cuando",
            "muy",
            "sin",
            "sobre",
            "también",
            "me",
            "hasta",
            "hay",
            "donde",
            "quien",
            "desde",
            "todo",
            "nos",
            "durante",
            "todos",
            "uno",
            "les",
            "ni",
            "contra",
            "otros",
            "ese",
            "eso",
            "ante",
            "ellos",
            "esto",
            "mí",
            "antes",
            "algunos",
            "qué",
            "unos",
            "yo",
            "otro",
            "otras",
            "otra",
            "él",
            "tanto",
            "esa",
            "estos",
            "mucho",
            "nada",
            "muchos",
            "estimado",
            "estimada",
            "saludos",
            "gracias",
            "adjunto",
            "factura",
            "hola",
            "señor",
            "señora",
            "usted",
        ]
    ),
    ENGLISH: frozenset(
        [
            "the",
            "of",
            "and",
            "to",
            "in",
            "is",
            "you",
            "that",
            "it",
            "he",
            "was",
            "for",
            "on",
            "are",
            "with",
            "as",
            "his",
            "they",
            "be",
            "at",
            "one",
            "have",
            "this",
            "from",
            "or",
            "had",
            "by",
            "but",
            "some",
            "what",
            "there",
            "we",
            "can",
            "out",
            "other",
            "were",
            "all",
            "your",
            "when",
            "up",
            "use",
            "how",
            "said",
            "an",
            "each",
            "she",
            "which",
            "do",
            "their",
            "time",
            "if",
            "will",
            "way",
            "about",
            "many",
            "then",
            "them",
            "would",
            "so",
            "these",
            "her",
            "has",
            "him",
            "please",
            "find",
            "attached",
            "regards",
            "dear",
            "thanks",
            "thank",
            "hello",
            "our",
        ]
    ),
}
# 1 for an English word, -1 for a Spanish one; what both have says nothing.
SPEAKS_ENGLISH = {
    word: (word in STOP_WORDS[ENGLISH]) - (word in STOP_WORDS[SPANISH])
    for word in STOP_WORDS[ENGLISH] | STOP_WORDS[SPANISH]
}


def searched_text(message: ParsedMessage) -> str:
    """Subject, people, names of files and the beginning of the text."""
    people = (f"{each.name} {each.address}" for each in message.parties[:50])
    files = (each.file_name for each in message.attachments[:50])
    whole = "\n".join((message.subject, *people, *files, message.text[:LONGEST]))
    return kept_words(whole[:LONGEST])


def searched_words(text: str) -> str:
    """The words as they are asked for: numbers of documents fall apart into their pieces."""
    return JOINT.sub(" ", text)


def kept_words(text: str) -> str:
    """The same as they are kept."""
    return JOINT.sub(lambda found: PARTS[found[0]], text)


def shown_words(text: str) -> str:
    """What was kept, as it was written."""
    return text.translate(SHOWN)


def language_of(text: str) -> str:
    """The configuration for its words: Spanish, unless more of its small words are English."""
    words = text[:LOOKED_AT].lower().split()
    return ENGLISH if sum(map(SPEAKS_ENGLISH.get, words, repeat(0))) > 0 else SPANISH
