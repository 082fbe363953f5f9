"""What a server says of the numbers that copied messages have got."""

from collections.abc import Sequence

from mail.imap_syntax import read_uid_set


def copied_uids(codes: Sequence[bytes], *, most: int) -> dict[int, int]:
    """COPYUID says which message has become which, in the order of both sets (RFC 4315)."""
    placed: dict[int, int] = {}
    for code in codes:
        words = code.split()
        if len(words) == 4 and words[0].upper() == b"COPYUID":
            old, new = (_listed(word, most) for word in words[2:])
            if len(old) == len(new):
                placed.update(zip(old, new, strict=True))
    return placed


def _listed(text: bytes, most: int) -> list[int]:
    found: list[int] = []
    for first, last in read_uid_set(text, most=most):
        found += range(first, min(last, first + most) + 1)
    return found[: most + 1]
