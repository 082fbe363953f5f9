"""How the demo's mail is written down: who wrote what to whom, and how long ago."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

THEM = "them"


@dataclass(frozen=True, slots=True)
class Written:
    """A message. `by` is a mailbox of ours, or `them`: the customer's person, or the `sender` that is named.

    `when` is `25 min`: so long ago, or `3d 09:12`: so many working days before today, at that hour.
    """

    by: str
    when: str
    text: str
    files: tuple[str, ...] = ()
    is_unread: bool = False
    is_starred: bool = False
    is_damaged: bool = False  # its server has lost all but the header
    sender: str = ""
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation in one of our mailboxes: with the customer's person of this number, or with a colleague."""

    mailbox: str
    subject: str
    letters: tuple[Written, ...]
    who: int = 0
    colleague: str = ""
    folder: str = "INBOX"
    has_bounced: bool = False
    is_english: bool = False


def moment_of(when: str, now: datetime) -> datetime:
    """`now` is in the time zone of whoever reads it."""
    amount, _, clock = when.partition(" ")
    if clock == "min":
        return now - timedelta(minutes=int(amount))
    day = now
    for _each in range(int(amount.removesuffix("d"))):
        day -= timedelta(days=1)
        while day.isoweekday() > 5:
            day -= timedelta(days=1)
    hour, _, minute = clock.partition(":")
    return day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
