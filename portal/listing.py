"""What the lists of the portal have in common: what was asked for, and the way to the pages beside this one."""

import re
from datetime import date
from typing import Any

from flask import request, url_for

from services.portal.document_list import ListPage, Mark, Wanted

YEAR = re.compile("(19|20|21)[0-9]{2}")
MARK = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,18})")
LONGEST_NUMBER = 60


def wanted() -> Wanted:
    """What the address asks for; what cannot be read is not asked for."""
    return Wanted(
        state=request.args.get("state", ""),
        year=_year(request.args.get("year", "")),
        number=request.args.get("number", "").strip()[:LONGEST_NUMBER],
        after=_mark(request.args.get("after", "")),
        before=_mark(request.args.get("before", "")),
    )


def neighbours(page: ListPage[Any]) -> tuple[str | None, str | None]:
    """The addresses of the newer and the older page."""
    newer = _url(before=_written(page.newer)) if page.newer else None
    older = _url(after=_written(page.older)) if page.older else None
    return newer, older


def _year(text: str) -> int | None:
    return int(text) if YEAR.fullmatch(text) else None


def _url(**place: str) -> str:
    kept: dict[str, Any] = {
        name: value
        for name, value in request.args.items()
        if name in ("state", "year", "number") and value
    }
    return url_for(request.endpoint or "", **(kept | place))


def _written(mark: Mark) -> str:
    day, key = mark
    return f"{day:%Y-%m-%d}.{key}"


def _mark(text: str) -> Mark | None:
    found = MARK.fullmatch(text)
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1]), int(found[2])
    except ValueError:
        return None  # no day of the calendar
