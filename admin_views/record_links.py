"""The way from a record that is named on a page to its own page."""

from typing import Any

from flask import current_app
from markupsafe import Markup


def linked(record: Any, shown: Any) -> Any:
    """What is shown, as a link to the page of the record if this reader may open it."""
    screen = _screen_of(type(record))
    if record is None or screen is None or not screen.is_accessible():
        return shown
    return Markup('<a href="{}">{}</a>').format(screen.record_url(record), shown)


def _screen_of(model: type[Any]) -> Any:
    """The screen of this very model: an invoice has its own, not that of all documents."""
    for admin in current_app.extensions["admin"]:
        for screen in admin.views:
            if getattr(screen, "model", None) is model:
                return screen
    return None
