"""L-24, T39: whatever somebody puts into an address or a form of the portal, the answer is a calm page."""

import io
import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from models.base import db
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.sales.document import Quote
from models.work.project import Project
from tests.browser import Browser, new_browser
from tests.factories.people import make_mail_account
from tests.factories.portal import portal_name
from tests.factories.sales import make_document
from tests.factories.work import make_project

ODD = [
    "a\x00b",
    "-1",
    "9" * 18,
    "9" * 25,
    "²",
    "1e400'\\%",
    "a" * 5_000,
    "x\r\nBcc: mallory@x.test",
    "\u202eabc\ufffe\U0010ffff",
    "//[",
    "http://[x",
    "/portal/../..//[",
    "sNaN",
]
RAW = [b"%ff%fe", b"%ed%a0%80", b"%00", b"%0d%0aX-Evil:%201", b"%c0%af..%c0%af"]
ARGUMENTS = [
    *("next", "way", "group", "state", "year", "number", "after", "before", "first", "last"),
    *("currency", "reference", "too_large"),
]
FIELDS = [
    *("email", "login", "password", "address", "account", "code", "name", "phone", "terms", "way"),
    *("tax_id_type", "tax_id", "company_name", "city", "job_title", "membership", "lang", "next"),
    *("current", "offer", "answer", "agreed", "pdf", "reason", "body", "rating", "note"),
    *("addresses", "contact", "kind", "street", "postcode", "region", "country", "reference"),
    "sha256",
]
Who = tuple[Browser, dict[str, list[object]]]
DOORS = {"portal-door.sign_out", "portal-security.end_all"}  # after them nobody is inside


def own_keys(customer) -> dict[str, list[object]]:
    """Records of the visitor's own, beside keys that nobody has."""
    quote, project = make_document(customer, kind=Quote, series="CO"), make_project(customer)
    nobody = [7, 2**31, 2**63 + 1]
    return {
        "public_id": [quote.public_id, project.public_id, uuid.UUID(int=7)],
        **dict.fromkeys(("file_id", "address_id", "method_id", "link_id", "session_id"), nobody),
        "provider": ["practice", "x"],
        "token": ["x" * 43, "%00", "%ff", "%0d%0aX:%201", "../x", "y" * 5_000],
    }


def pages(app: Flask, keys: dict[str, list[object]], name: str) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of everything below the portal's name."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("portal-") or rule.endpoint in DOORS:
            continue
        urls = [rule.rule.replace("<portal_name>", name)]
        for key in re.findall(r"<(?:\w+:)?(\w+)>", urls[0]):
            urls = [
                re.sub(rf"<(?:\w+:)?{key}>", lambda _found, value=value: str(value), url)
                for url in urls
                for value in keys[key]
            ]
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for url in urls:
                yield rule.endpoint, method, url


@pytest.fixture(params=["stranger", "customer"])
def who(request: pytest.FixtureRequest, app: Flask, organization: Organization, stand):
    """Somebody with a browser, and the keys of one's own records; all features are on."""
    make_mail_account()
    window = stand()
    on = ("show_projects", "allow_reviews", "allow_card_edit")
    db.session.execute(update(PortalSettings).values(**dict.fromkeys(on, True)))
    db.session.execute(update(Project).values(is_shared=True))
    keys = own_keys(window.customer)
    db.session.commit()
    app.config["WTF_CSRF_ENABLED"] = False
    yield (window.browser if request.param == "customer" else new_browser(app)), keys
    app.config["WTF_CSRF_ENABLED"] = True


def name_of(value: str | bytes) -> str:
    """Of a test."""
    return ascii(value[:14])


# A test for each value: together they take minutes, which test processes share so.
@pytest.mark.parametrize("value", [*ODD, *RAW], ids=name_of)
def test_no_address_breaks_a_page(app: Flask, who: Who, value: str | bytes) -> None:
    browser, keys = who
    name, broken, asked = portal_name(), [], 0
    db.session.rollback()
    for endpoint, method, url in pages(app, keys, name):
        if method != "GET":
            continue
        asked += 1
        if isinstance(value, str):
            answer = browser.get(url, query_string=dict.fromkeys(ARGUMENTS, value))
        else:
            query = "&".join(f"{each}={value.decode()}" for each in ARGUMENTS)
            answer = browser.get(f"{url}?{query}")
        if answer.status_code >= 500 or "X-Evil" in answer.headers:
            broken.append((endpoint, value[:20]))

    assert broken == []
    assert asked > 20


@pytest.mark.parametrize("value", [*ODD, *RAW, None], ids=lambda v: name_of(v) if v else "file")
def test_no_form_breaks_a_page(app: Flask, who: Who, value: str | bytes | None) -> None:
    browser, keys = who
    name, broken, asked = portal_name(), [], 0
    db.session.rollback()
    for endpoint, method, url in pages(app, keys, name):
        if method != "POST":
            continue
        asked += 1
        if isinstance(value, str):
            answer = browser.post(url, data=dict.fromkeys(FIELDS, value))
        elif isinstance(value, bytes):
            body = b"&".join(each.encode() + b"=" + value for each in FIELDS)
            kind = "application/x-www-form-urlencoded"
            answer = browser.post(url, data=body, content_type=kind)
        else:
            files = {"body": "x", "files": [(io.BytesIO(b"x"), "a\x00\r\n/../\ud7ff.txt")]}
            answer = browser.post(url, data=files)
        if answer.status_code >= 500:
            broken.append((endpoint, value[:20] if value else "file"))

    assert broken == []
    assert asked > 20
