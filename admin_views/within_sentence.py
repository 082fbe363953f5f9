"""A label as it stands inside of a sentence."""

from typing import Any


def within(label: Any) -> str:
    """In small letters, but for names that have capitals of their own: `Aplicación OAuth` is `aplicación OAuth`."""
    return " ".join(
        word if word[1:] != word[1:].lower() else word.lower() for word in str(label).split(" ")
    )
