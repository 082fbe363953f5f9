"""A row's place in the list of conversations, as an address can say it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARK = re.compile(r"(-?\d{1,17})\.(\d{1,18})\.(\d{1,18})")


@dataclass(frozen=True, order=True)
class ListMark:
    """A row's place in the list: by its newest message, or by when it comes back where one looks at what waits."""

    at: datetime
    thread_id: int
    folder_id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.thread_id}.{self.folder_id}"

    @classmethod
    def read(cls, text: str) -> "ListMark | None":
        """The mark of these characters, if it is one."""
        found = MARK.fullmatch(text)
        if found is None:
            return None
        try:
            at = EPOCH + timedelta(microseconds=int(found[1]))
        except OverflowError:
            return None
        return cls(at, int(found[2]), int(found[3]))
