"""One link of the chain behind an answer: what happened, when, by whom."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class StepKind(StrEnum):
    """What a step is about."""

    RANGE = "range"
    AUDIENCE = "audience"
    ADDRESS = "address"
    EXCLUDED = "excluded"
    REGISTERED = "registered"
    STARTED = "started"
    STOPPED = "stopped"
    ACCEPTED = "accepted"
    LATER = "later"
    REFUSED = "refused"
    DOUBT = "doubt"
    DECIDED = "decided"
    REPLACED = "replaced"
    COPY = "copy"
    CAME_BACK = "came_back"
    VIEWED = "viewed"


@dataclass(frozen=True)
class Step:
    """One link of the chain; `is_wrong` where it broke, `message_id` where a received message says so."""

    kind: StepKind
    text: str
    at: datetime | None = None
    who: str | None = None
    is_wrong: bool = False
    message_id: int | None = None
