"""What is searched of messages: written apart from them, when they themselves are safe."""

from collections.abc import Iterable
from dataclasses import dataclass

from mail.parsing import ParsedMessage
from models.base import db
from services.mailbox.searchable import language_of, searched_text
from services.mailbox.taking_in_sql import NEW_WORDS


@dataclass(frozen=True, slots=True)
class Words:
    """What is searched of a message."""

    message_id: int
    body: str
    lang: str


def words_of(message: ParsedMessage, message_id: int) -> Words:
    """Those of a message that is kept under this key."""
    body = searched_text(message)
    return Words(message_id, body, language_of(message.text or body))


def write_words(organization_id: int, words: Iterable[Words]) -> None:
    """Make messages findable; twice does no harm."""
    rows = list(words)
    if rows:
        db.session.execute(
            NEW_WORDS,
            {
                "organization": organization_id,
                "messages": [each.message_id for each in rows],
                "bodies": [each.body for each in rows],
                "langs": [each.lang for each in rows],
            },
        )
