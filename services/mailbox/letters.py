"""A message as a server hands it over, and the same parsed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from mail.parsing import ParsedMessage, parse_message

SEEN, FLAGGED, ANSWERED = "\\Seen", "\\Flagged", "\\Answered"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as the server hands it over: `uid` is None for one that only we know yet.

    `flags` as the server writes them (`\\Seen`, `$Forwarded`).
    """

    uid: int | None
    flags: Collection[str]
    received_at: datetime
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """The same, parsed."""

    letter: Letter
    message: ParsedMessage

    @property
    def key(self) -> tuple[str, bytes]:
        """Which message it is."""
        return self.message.message_id, self.message.content_sha256

    @property
    def sent_at(self) -> datetime:
        """When it says that it was sent; a clock that goes ahead of the server's does not count."""
        said = self.message.sent_at
        return min(said, self.letter.received_at) if said else self.letter.received_at


def open_letter(letter: Letter) -> OpenedLetter:
    """Parse it: needs no database."""
    return OpenedLetter(letter, parse_message(letter.raw))
