"""Whether a look counts: not that of a program that says what it is, nor that of our own staff (decision 0033).

What opens a link before its message, or with it, and moves nothing, may be the scanner of a mail server (pains C-4). No score is kept of
it: nobody could say what 0.6 of a look means, and a person who reads on moves something sooner or later.
"""

import re
from datetime import timedelta

from flask import request, session

from extensions.odd_requests import STAFF_SESSION
from models.base import utc_now
from models.sales.document import Document

PROGRAMS = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|scanner|preview|prefetch|externalhit|curl/|wget/|python|java/|go-http",
    re.IGNORECASE,
)
SCANNED_WITHIN = timedelta(seconds=60)  # of the first message; a person reads that first
AHEAD_OF_TIME = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")  # fetched before somebody looks


def is_customers_look() -> bool:
    """Whether a person who is none of our staff may have the page before them."""
    if STAFF_SESSION in session or PROGRAMS.search(request.user_agent.string):
        return False
    return not any("pre" in request.headers.get(name, "").lower() for name in AHEAD_OF_TIME)


def may_be_a_scan(document: Document) -> bool:
    """Whether the page is open as soon as it was sent, or sooner, and nobody has moved anything on it yet.

    The page tells again once somebody has.
    """
    if request.form.get("touched"):
        return False
    sent = document.first_sent_at
    return sent is None or utc_now() - sent < SCANNED_WITHIN
