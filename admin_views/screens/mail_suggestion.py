"""The servers of an address, for the form of a new mail account: asked for only so often (X4-04)."""

from extensions import limiter
from services.mailbox.autoconfig import ServerSuggestion, suggest

PER_SESSION = "60 per minute"


@limiter.limit(PER_SESSION)
def suggested(address: str) -> ServerSuggestion | None:
    """The servers for this address, as far as somebody says so; raises InvalidAddress."""
    return suggest(address)
