"""Which messages are fetched together: few at first, so that there is something to read, then as many as a round trip is worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mail.imap_mailbox import Mailbox

SIZE_UNKNOWN = 50_000  # bytes, of a message whose size the server does not say
SIZES_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Batch:
    """UIDs and how many bytes they have in all."""

    uids: Sequence[int]
    size_bytes: int


def batches_of(
    uids: Sequence[int],
    sizes: Mapping[int, int],
    *,
    first: int,
    most: int,
    most_bytes: int,
) -> Iterator[Batch]:
    """In the order of `uids`; a message that is larger than `most_bytes` comes alone."""
    some: list[int] = []
    total, limit = 0, first
    for uid in uids:
        size = sizes.get(uid, SIZE_UNKNOWN)
        if some and (len(some) >= limit or total + size > most_bytes):
            yield Batch(some, total)
            some, total, limit = [], 0, most
        some.append(uid)
        total += size
    if some:
        yield Batch(some, total)


class Plan:
    """Batches of the open folder, told as they are fetched: the next sizes are asked while what came before is written.

    Ends before sizes of which one is more than `largest`: those UIDs are `too_large` then, with their sizes.
    """

    def __init__(self, mailbox: Mailbox, uids: Sequence[int], *, largest: int) -> None:
        self._mailbox = mailbox
        self._uids = uids
        self._largest = largest
        self._is_over = False
        self.too_large: dict[int, int] = {}

    def end(self) -> None:
        """No more batches; from any thread."""
        self._is_over = True

    def batches(self, *, first: int, most: int, most_bytes: int) -> Iterator[Batch]:
        """As `batches_of`. Raises MailError."""
        for start in range(0, len(self._uids), SIZES_AT_ONCE):
            if self._is_over:
                return
            some = self._uids[start : start + SIZES_AT_ONCE]
            sizes = self._mailbox.sizes(some)
            self.too_large = {uid: size for uid, size in sizes.items() if size > self._largest}
            if self.too_large:
                return
            for batch in batches_of(some, sizes, first=first, most=most, most_bytes=most_bytes):
                if self._is_over:
                    return
                yield batch
            first = most
