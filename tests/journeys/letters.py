"""What has come to somebody's mailbox in a journey: the words of a message, or what they lead to."""

import re
import time
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.journeys.product import Product

LONG_SECONDS = 120


def letters(product: Product, to: str) -> list[EmailMessage]:
    """All that came to this address, the oldest first."""
    return [
        message_from_bytes(each.raw, policy=policy.default)
        for each in list(product.mail.accepted)
        if each.recipients == [to]
    ]


def arrived(product: Product, to: str, count: int) -> list[EmailMessage]:
    """All that came to this address, once so many have come; more of them fail."""
    until = time.monotonic() + LONG_SECONDS
    while time.monotonic() < until:
        come = letters(product, to)
        if len(come) >= count:
            assert len(come) == count
            return come
        time.sleep(0.2)
    raise AssertionError(f"{count} messages did not come to {to}")


def found(product: Product, to: str, pattern: str) -> str:
    """What the newest message to this address holds; it may be on its way yet."""
    until = time.monotonic() + LONG_SECONDS
    while time.monotonic() < until:
        for letter in reversed(letters(product, to)):
            match = re.search(pattern, words_of(letter))
            if match:
                return match[1]
        time.sleep(0.2)
    raise AssertionError(f"nothing like {pattern} came to {to}")


def words_of(letter: EmailMessage) -> str:
    """The subject, and the text part below it."""
    body = letter.get_body(("plain",))
    assert body is not None
    return f"{letter['Subject']}\n{body.get_content()}"
