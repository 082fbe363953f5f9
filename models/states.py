"""The one way to change a state."""

from collections.abc import Mapping, Set
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _

from errors import Conflict


def move(record: Any, *, to: StrEnum, following: Mapping[Any, Set[Any]]) -> None:
    """Take the record to a state that may follow its present one; raises Conflict if the table forbids it."""
    if to not in following[record.state]:
        raise Conflict(
            _(
                "This is not possible now: the state is “%(now)s”, and “%(next)s” cannot follow it.",
                now=str(state_word(record.state)),
                next=str(state_word(to)),
            )
        )
    record.state = to


def state_word(state: StrEnum) -> Any:
    """The word of a state for people; an enum gives its words in `labels()`."""
    labels = getattr(type(state), "labels", None)
    return labels()[state] if labels else state.value
