"""Below a list: which rows these are, of how many, and where the next ones are."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views import reader_formats as reader
from admin_views.list_arguments import ListArguments
from admin_views.listing import Count, Page


def first_number(asked: ListArguments, page: Page) -> int | None:
    """The number of the page's first row, as far as the address knows it; None at the end of a long list."""
    number = asked.arguments.get("n", "")
    if asked.position.is_last:
        return None
    if number.isdecimal() and len(number) < 12 and (asked.position.after or asked.position.before):
        return max(int(number), 1) if page.has_previous else 1
    return None if asked.position.before else 1


def said(count: Count) -> str:
    """A number of rows for people."""
    if count.kind == "about":
        digits = len(str(count.number)) - 3
        rounded = round(count.number, -digits) if digits > 0 else count.number
        return _("about %(number)s", number=reader.number(rounded))
    if count.kind == "over":
        return _("more than %(number)s", number=reader.number(count.number))
    return reader.number(count.number)


def pager_of(asked: ListArguments, page: Page, count: Count, number: int | None) -> dict[str, Any]:
    shown = len(page.rows)
    if number is None:
        text = ngettext(
            "Last row of %(total)s", "Last %(num)d rows of %(total)s", shown, total=said(count)
        )
    else:
        text = _(
            "Rows %(first)s–%(last)s of %(total)s",
            first=reader.number(number),
            last=reader.number(number + shown - 1),
            total=said(count),
        )
    size = asked.screen.page_size
    before = {"n": str(max(number - size, 1))} if number else {}
    after = {"n": str(number + shown)} if number else {}
    return {
        "text": text,
        "first": asked.url() if page.has_previous else None,
        "previous": asked.url(before=page.first_mark or "", **before)
        if page.has_previous
        else None,
        "next": asked.url(after=page.last_mark or "", **after) if page.has_next else None,
        "last": asked.url(last="1") if page.has_next else None,
    }
