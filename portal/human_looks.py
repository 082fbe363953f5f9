"""Whether a look counts: not that of a program that says what it is, nor that of our own staff (decision 0033)."""

import re

from flask import request, session

from extensions import STAFF_SESSION

PROGRAMS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|scanner|preview|prefetch|externalhit|curl/|wget/|python|java/|go-http",
    re.IGNORECASE,
)
AHEAD_OF_TIME = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # fetched before somebody looks


def is_customers_look() -> bool:
    """Whether a person who is none of our staff may have the page before them."""
    if STAFF_SESSION in session or PROGRAMS.search(request.user_agent.string):
        return False
    return not any("pre" in request.headers.get(name, "").lower() for name in AHEAD_OF_TIME)
