"""The steps of a call to a mail server, told to whoever watches."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from mail.wire import Wire


class Step(StrEnum):
    """What is done at a server, in about this order."""

    NAME = "name"
    TCP = "tcp"
    HELLO = "hello"
    TLS = "tls"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    MESSAGE = "message"
    INBOX = "inbox"


class Watch:
    """Told when a step begins and ends, and what was found; this one does not listen."""

    @contextmanager
    def step(self, step: Step, wire: Wire | None = None) -> Iterator[None]:
        """Around all that belongs to a step; `wire` is what it waits at."""
        yield

    def found(self, facts: Mapping[str, object]) -> None:
        """Something worth telling about the step that is under way; plain values."""

    def allowance(self, seconds: float) -> float:
        """How long what comes next may take, in place of `seconds`."""
        return seconds


UNWATCHED = Watch()
