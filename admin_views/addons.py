"""What an add-on says about itself (L-23); `docs/how-to/write-an-add-on.md` shows how one is written.

The product's own add-ons stand in `built_in_addons.py`. Those of others are packages with an entry point of the
group `ventanilla.addons`, which names an `AddOn`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint
from flask_babel import LazyString, get_locale

GROUP = "ventanilla.addons"
INTERFACE = 1  # counted up when an add-on that was written before cannot work any more


@dataclass(frozen=True, kw_only=True)
class Right:
    """A permission of the role matrix; a resource is the name of a table, or of the add-on's own."""

    resource: str
    action: str


@dataclass(frozen=True, kw_only=True)
class AddOnStatus:
    """How it stands in a few words; `tone` is `ok`, `info`, `live`, `warn`, `bad`, `doubt` or nothing."""

    word: str
    tone: str = ""
    icon: str = "circle-half-2"


@dataclass(frozen=True, kw_only=True)
class AddOn:
    """A page that the product, or somebody else's package, offers under *Add-ons*.

    `endpoint` is what *Open* leads to; one that begins with a dot belongs to `blueprint`, as in `url_for`. The
    blueprint has no address of its own: its pages stand below `/addons/<name>`. `rights` says for each of its
    view functions what the role must allow; a route without is refused, and the add-on with it.
    """

    name: str
    title: Any
    description: Any
    endpoint: str
    right: Right
    icon: str = "puzzle"
    blueprint: Blueprint | None = None
    rights: Mapping[str, Right] = field(default_factory=dict)
    status: Callable[[], AddOnStatus | None] | None = None
    interface: int = INTERFACE


def in_languages(*, en: str, es: str) -> Any:
    """A sentence in the reader's language, for packages without a catalogue of translations."""
    return LazyString(lambda: es if str(get_locale()).startswith("es") else en)
