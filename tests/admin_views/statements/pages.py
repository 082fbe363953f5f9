"""The period that statements are made for here, and the text of a page."""

import html
from typing import Any

FIRST, LAST = "2026-07-01", "2026-07-31"


def text_of(answer: Any) -> str:
    return html.unescape(answer.text)
