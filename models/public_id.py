"""Identifiers that may be shown: random enough not to be guessed, ordered by time."""

import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    value = (milliseconds & (2**48 - 1)) << 80 | 0x7 << 76 | random >> 62 << 64
    return uuid.UUID(int=value | 0b10 << 62 | random & (2**62 - 1))
