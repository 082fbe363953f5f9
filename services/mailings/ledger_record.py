"""What the ledger is told about one message, and how long a message waits after a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.base import utc_now

BY_BACK_OFF = -1.0


class CopyReply(NamedTuple):
    """What the server said to one of several addresses of a message."""

    address: str
    code: int
    told: str


class Record(NamedTuple):
    """What became of a delivery; the order of the fields is that of `SETTLE`.

    `fenced`: whether it may have left. `wait`: seconds until it is tried again, `BY_BACK_OFF` as the plan says.
    Without a `phase` it was no attempt. `copies`: the answers to each address, if there were several.
    """

    delivery_id: int
    fenced: bool
    state: str
    reason: str | None
    detail: str | None
    code: int | None
    enhanced: str | None
    told: str | None
    queue_id: str | None
    phase: str | None
    began: datetime | None
    at: datetime
    wait: float = BY_BACK_OFF
    copies: Sequence[CopyReply] = ()

    def as_object(self) -> dict[str, object]:
        """For the statement's JSON."""
        values = self._asdict()
        values["id"] = values.pop("delivery_id")
        values["began"] = self.began.isoformat() if self.began else None
        values["at"] = self.at.isoformat()
        values["copies"] = [copy._asdict() for copy in self.copies] or None
        return values


@dataclass(frozen=True)
class RetryPlan:
    """How long a message waits after each refusal for now, and after how many attempts it has failed."""

    waits: Sequence[float] = (60.0, 300.0, 900.0, 3600.0)
    most_attempts: int = 30


def unsent(delivery_id: int) -> Record:
    """Perhaps fenced, but surely not sent: it may be tried again."""
    return Record(
        delivery_id,
        fenced=True,
        state="queued",
        reason=None,
        detail=None,
        code=None,
        enhanced=None,
        told=None,
        queue_id=None,
        phase=None,
        began=None,
        at=utc_now(),
        wait=0.0,
    )
