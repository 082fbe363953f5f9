"""Verbs of a screen: what can be done with a record beside editing it, one by one or with a selection.

A verb is declared once and becomes an entry of the row's menu, of the record's menu and a batch action. It is
always a POST; what cannot be undone asks first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask.typing import ResponseReturnValue


@dataclass(frozen=True)
class Verb:
    """`run` does it to one record (and raises an AppError if it cannot); `right` is what the role matrix is asked.

    A verb that writes only one `field` asks for that field too. `opposite` names the verb that takes it back.
    `answer` makes the page that follows, from the screen and what `run` returned; usually it is the record's own.
    """

    name: str
    label: Any
    icon: str
    run: Callable[[Any], Any]
    right: str
    fits: Callable[[Any], bool] = lambda record: True
    question: Any = None
    explanation: Any = None
    done: Any = None
    answer: Callable[[Any, Any], ResponseReturnValue] | None = None
    is_danger: bool = False
    in_batch: bool = True
    field: str | None = None
    opposite: str | None = None

    @property
    def asks(self) -> bool:
        return self.question is not None
