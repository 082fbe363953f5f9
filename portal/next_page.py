"""Where somebody goes on after signing in, or in another language: a page of this portal, or its first one."""

from urllib.parse import urlsplit

from flask import g, request, url_for


def asked_page(wanted: str | None = None) -> str:
    """The page of this portal, or the document by its link, that was asked for; empty for anything else."""
    page = wanted if wanted is not None else request.values.get("next", "")
    parts = urlsplit(page)
    is_here = page.startswith((f"/portal/{g.portal.name}/", "/l/"))
    plain = page.isprintable() and "\\" not in page and "/../" not in f"{parts.path}/"
    return page if is_here and plain and not parts.netloc and len(page) < 2_000 else ""


def next_page(wanted: str | None = None) -> str:
    """The page to go on at."""
    return asked_page(wanted) or url_for("portal-home.home")
