"""How factories store what they make."""

from itertools import count
from typing import TypeVar

from models.base import db

R = TypeVar("R")
numbers = count(1)


def saved(record: R) -> R:
    """The record, flushed, so that it has its key."""
    db.session.add(record)
    db.session.flush()
    return record
