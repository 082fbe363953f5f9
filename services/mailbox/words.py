"""What is searched of messages: written apart from them, when they themselves are safe."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mail.parsing import ParsedMessage
from models.base import db
from services.mailbox.array_values import plain_array, text_array
from services.mailbox.searchable import language_of, searched_text
from services.mailbox.taking_in_sql import NEW_WORDS


@dataclass(frozen=True, slots=True)
class Words:
    """A message of which what is searched is still to be written."""

    message_id: int
    message: ParsedMessage = field(repr=False)


def write_words(organization_id: int, words: Sequence[Words]) -> None:
    """Make messages findable; twice does no harm."""
    if not words:
        return
    bodies = [searched_text(each.message) for each in words]
    langs = [
        language_of(each.message.text or body) for each, body in zip(words, bodies, strict=True)
    ]
    db.session.execute(
        NEW_WORDS,
        {
            "organization": organization_id,
            "messages": plain_array(each.message_id for each in words),
            "bodies": text_array(bodies),
            "langs": text_array(langs),
        },
    )
