"""A walk over every page that a clerk can reach by links: none is left out because nobody thought of it."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from playwright.sync_api import Page

from models.base import db
from settings import Settings
from tests.factories.admin import make_rows
from tests.factories.mailings import make_registered
from tests.journeys.conftest import Company
from tests.journeys.inspection import glance_at

SignIn = Callable[..., None]
# Answers that are no pages, and the views of a list, which are the same page.
NO_PAGE = re.compile(r"/export|\.pdf|/pdf/|/d/|sign-out|/static/|wrong-rows|/files/|\.eml")
KEY = re.compile(r"(?<=/)([0-9a-f]{8}-[0-9a-f-]{27}|\d+)(?=/|$)")
HERE = "() => [...document.links].filter(a => !a.download).map(a => a.href.split('#')[0])"
AT_LEAST = 50


def test_every_page_holds(
    company: Company, settings: Settings, page: Page, sign_in: SignIn
) -> None:
    """L-26: no finding of axe, not wider than a phone, nothing that moves while loading, no complaint."""
    make_rows()
    make_registered(settings, account=company.account, title="Facturas de julio")
    db.session.commit()
    sign_in(page, company.clerk.email)

    findings = [
        f"{urlsplit(page.url).path}: {found}" for _page in _walk(page) for found in glance_at(page)
    ]

    assert not findings, "\n".join(findings)


def _walk(page: Page) -> Iterator[str]:
    """From home along all links, one page of each kind."""
    waiting, seen = ["/"], {_kind("/")}
    count = 0
    while waiting:
        page.goto(waiting.pop(0))
        count += 1
        yield page.url
        for address in page.evaluate(HERE):
            kind = _kind(address)
            if address.startswith(_origin(page)) and not NO_PAGE.search(kind) and kind not in seen:
                seen.add(kind)
                waiting.append(address)
    assert count >= AT_LEAST, f"only {count} pages were found"


def _kind(address: str) -> str:
    """The address without keys and views: pages of one kind have the same."""
    parts = urlsplit(address)
    verb = re.search(r"verb=\w+", parts.query)
    return KEY.sub("*", parts.path) + (f"?{verb[0]}" if verb else "")


def _origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}/"
