"""What of a message is searched, and in which language; whoever asks treats the question alike."""

import re
from itertools import repeat

from mail.parsing import ParsedMessage
from services.mailbox.small_words import ENGLISH, SPANISH, SPEAKS_ENGLISH

LONGEST = 20_000  # characters
LOOKED_AT = 2_000  # characters that decide about the language
# `FAC-2024/0012` would be one odd word: nobody would find it by its number.
# The sign comes first in the pattern: a look at what stands before each letter takes eight times as long.
JOINT = re.compile(r"[-/_](?<=\w.)(?=\w)")
# What parts words as a space does, in every locale, and says which sign stood there: pieces are shown as they were written.
PARTS = {"-": "\x1d", "/": "\x1e", "_": "\x1f"}
SHOWN = str.maketrans({part: sign for sign, part in PARTS.items()})


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
