"""Arrays for statements over a batch, in PostgreSQL's own notation: `{1,2}`, `{"a","b"}`.

The driver looks at each element by itself, which takes six times as long; a batch has tens of thousands of them.
"""

import uuid
from collections.abc import Iterable


def plain_array(values: Iterable[int | uuid.UUID]) -> str:
    """Of numbers, truths or UUIDs."""
    return "{" + ",".join(map(str, values)) + "}"


def text_array(values: Iterable[str | None]) -> str:
    """Of texts, whatever is in them."""
    return "{" + ",".join("NULL" if each is None else _quoted(each) for each in values) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
