"""Which messages are fetched together: few at first, so that there is something to read, then as many as a round trip is worth."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SIZE_UNKNOWN = 50_000  # bytes, of a message whose size the server does not say


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
