"""T01, T02: every route of the portal with another customer's keys and another company's, also without the first wall.

`are_of` is the application's filter; without it PostgreSQL must still give nothing away, nor to pages that ask for another
customer than the one who is signed in.
"""

import re
import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, select, text, update

from models.base import db
from models.mailings.mailing import AttachMode
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.portal.share_link import ShareLink
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.tenancy import acting_in
from portal import guard, own_documents
from services.mailings.register import register_mailing
from services.portal import visible_documents
from services.portal.visible_documents import Kinds, Sight
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_customer, make_organization
from tests.factories.sales import make_document
from tests.portal.furnished import SECRET, addresses, furnish


def everything(customer: Any, kinds: Kinds) -> ColumnElement[bool]:
    """What is left when somebody forgets the filter."""
    return Document.id.is_not(None)


def put_in_place_of(function: Any, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it was imported to."""
    for module in list(sys.modules.values()):
        if getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, other)


def forget_kept_statements() -> None:
    """Those that were put together with another filter."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("portal.", "services.portal.")):
            for each in vars(module).values():
                if isinstance(each, _lru_cache_wrapper):
                    each.cache_clear()


@pytest.fixture(params=["both walls", "no filter", "the filter of another customer"])
def walls(
    request: pytest.FixtureRequest,
    foreign: dict[str, list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    forget_kept_statements()
    if request.param == "no filter":
        put_in_place_of(visible_documents.are_of, everything, monkeypatch)
    if request.param == "the filter of another customer":
        key = foreign["customer_id"][0]
        sight = Sight(key, visible_documents.EVERYTHING, may_answer=True)
        customer = Customer(id=key, organization_id=1, number="1", name="x", currency="EUR")
        put_in_place_of(own_documents.current_sight, lambda: sight, monkeypatch)
        put_in_place_of(guard.current_customer, lambda: customer, monkeypatch)
    yield str(request.param)
    forget_kept_statements()


@pytest.fixture(params=["another customer", "another company"])
def foreign(
    request: pytest.FixtureRequest, organization: Organization, settings
) -> dict[str, list[object]]:
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)
    if request.param == "another company":
        other = make_organization()
        with acting_in(other.id):
            found = furnish(make_customer(name=SECRET))
            register_mailing(make_draft(customers=1, attach_mode=AttachMode.LINK), workshop)
            found["link_id"] = list(db.session.scalars(select(ShareLink.id)))
            db.session.commit()
        return found
    found = furnish(make_customer(name=SECRET))
    register_mailing(make_draft(customers=1, attach_mode=AttachMode.LINK), workshop)
    found["link_id"] = [db.session.scalars(select(ShareLink.id)).one()]
    db.session.commit()
    return found


def test_nobody_reads_or_changes_what_is_somebody_elses(
    app: Flask, stand, walls: str, foreign: dict[str, list[object]]
) -> None:
    window = stand()
    everything_on = dict.fromkeys(("show_projects", "allow_reviews", "allow_card_edit"), True)
    db.session.execute(update(PortalSettings).values(**everything_on))
    db.session.commit()
    tables = (
        *("document", "share_link", "quote_answer", "portal_event", "document_file", "comment"),
        *("project", "time_entry", "document_forward", "payment_method", "address", "review"),
        *("contact", "customer_contact", "comment_file"),
    )
    look = [text(f"SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM {table} t") for table in tables]
    before = [db.session.execute(query).scalar() for query in look]
    db.session.commit()
    token = window.browser.csrf_token(f"{window.root}/")
    walked = 0

    for _endpoint, method, url, names_record in addresses(app, window.root, foreign):
        data = {"csrf_token": token, "name": "x", "agreed": "yes", "pdf": "a" * 64}
        data |= {"body": "", "addresses": "x@example.com", "street": "x", "city": "x"}
        data |= {"document": [str(key) for key in foreign["public_id"]]}
        answer = window.browser.open(url, method=method, data=data if method == "POST" else None)
        assert SECRET.encode() not in answer.data, (walls, method, url)
        if names_record:
            assert answer.status_code == 404, (walls, method, url)
            walked += 1

    assert walked >= 20
    assert [db.session.execute(query).scalar() for query in look] == before


def test_what_does_not_exist_and_what_is_somebody_elses_look_the_same(stand) -> None:
    """T05: no address tells whether a document is there."""
    window = stand()
    other = make_document(make_customer())
    draft = make_document(window.customer, state=DocumentState.DRAFT)
    db.session.commit()
    nobody = "00000000-0000-7000-8000-000000000007"

    answers = [
        window.get(f"/documents/{key}") for key in (nobody, other.public_id, draft.public_id)
    ]

    def told(answer):
        return re.sub(r'(nonce=|value=)"[^"]*"|<code>\w+</code>|data-copy="\w+"', "", answer.text)

    assert {answer.status_code for answer in answers} == {404}
    assert len({told(answer) for answer in answers}) == 1
