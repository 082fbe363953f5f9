"""How long an access token is used: it is renewed shortly before its end, not at every run (E-8)."""

from datetime import datetime, timedelta

from models.base import utc_now

EARLY = timedelta(minutes=5)  # before its end; of a short life, the last quarter


def is_still_good(obtained_at: datetime | None, expires_at: datetime | None) -> bool:
    """Whether a token of this age is good for the line that is about to open."""
    if expires_at is None:
        return False
    life = expires_at - (obtained_at or expires_at)
    return expires_at - min(EARLY, life / 4) > utc_now()
