"""Where somebody goes on after signing in, or in another language: a page of this portal, or its first one."""

import re
from urllib.parse import unquote

from flask import g, request, url_for

LONGEST = 2_000
END_OF_PATH = re.compile("[?#]")


def asked_page(wanted: str | None = None) -> str:
    """The page of this portal, or the document by its link, that was asked for; empty for anything else."""
    page = wanted if wanted is not None else request.values.get("next", "")
    is_here = page.startswith((f"/portal/{g.portal.name}/", "/l/")) and len(page) < LONGEST
    return page if is_here and _is_plain(page) else ""


def next_page(wanted: str | None = None) -> str:
    """The page to go on at."""
    return asked_page(wanted) or url_for("portal-home.home")


def _is_plain(page: str) -> bool:
    """Whether no browser reads another page in it: by steps upwards, also encoded ones, or odd signs."""
    steps = unquote(END_OF_PATH.split(page)[0]).split("/")
    return page.isprintable() and "\\" not in page and not {".", ".."} & set(steps)
