"""P-03: a quote is accepted or declined once, with a name, while it is valid."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.base import db, utc_now
from models.portal.portal_event import PortalEvent
from models.sales.document import Quote
from models.sales.document_state import DocumentState
from models.sales.quote_answer import QuoteAnswer
from tests.browser import new_browser
from tests.factories.sales import make_document

TODAY = utc_now().date()


@pytest.fixture
def quoted(stand):
    """Somebody who may answer, and a quote."""
    window = stand()
    quote = make_document(
        window.customer, kind=Quote, series="CO", due_date=TODAY + timedelta(days=5)
    )
    db.session.commit()
    return window, quote


def fields_of(window, quote):
    """What the form on the page holds."""
    page = window.get(f"/documents/{quote.public_id}").text
    return {
        "pdf": page.split('name="pdf" value="')[1].split('"')[0],
        "answer": "accepted",
        "agreed": "yes",
        "name": "Sofía Ñáñez Echeverri",
    }


def send(window, quote, fields):
    where = f"/documents/{quote.public_id}"
    return window.submit(f"{where}/answer", fields, form_at=where)


def test_accepting_keeps_what_proves_it(quoted, settings):
    window, quote = quoted
    fields = fields_of(window, quote)

    answer = send(window, quote, fields)

    assert answer.status_code == 303
    db.session.refresh(quote)
    assert quote.state is DocumentState.ACCEPTED
    written = db.session.scalars(select(QuoteAnswer)).one()
    assert (written.answer, written.name) == ("accepted", "Sofía Ñáñez Echeverri")
    assert (written.portal_user_id, written.ip) == (window.user.id, "127.0.0.1")
    shown = window.get(f"/documents/{quote.public_id}/pdf").data
    import hashlib

    assert hashlib.sha256(shown).hexdigest() == written.pdf_sha256
    event = db.session.scalars(select(PortalEvent)).one()
    assert (event.kind, event.document_id) == ("accepted", quote.id)
    page = window.get(f"/documents/{quote.public_id}").text
    assert "Sofía Ñáñez Echeverri" in page
    assert written.pdf_sha256 in page


def test_declining_wants_a_reason(quoted):
    window, quote = quoted
    fields = {**fields_of(window, quote), "answer": "declined"}

    refused = send(window, quote, fields)
    done = send(window, quote, {**fields, "reason": "Otro proveedor <b>más barato</b>"})

    assert refused.status_code == 422
    assert done.status_code == 303
    written = db.session.scalars(select(QuoteAnswer)).one()
    assert (written.answer, written.reason) == ("declined", "Otro proveedor <b>más barato</b>")
    assert "<b>más" not in window.get(f"/documents/{quote.public_id}").text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "  "}, 422),
        ({"name": "x" * 121}, 422),
        ({"agreed": ""}, 422),
        ({"pdf": "0" * 64}, 409),
        ({"pdf": ""}, 409),
        ({"answer": "declined", "reason": "x" * 2001}, 422),
    ],
)
def test_what_is_incomplete_answers_nothing_and_keeps_what_was_written(quoted, change, status):
    window, quote = quoted
    fields = {**fields_of(window, quote), **change}

    refused = send(window, quote, fields)

    assert refused.status_code == status
    assert db.session.scalars(select(QuoteAnswer)).all() == []
    assert fields["name"].strip() in refused.text


@pytest.mark.parametrize("spoil", ["expired", "void", "accepted"])
def test_a_quote_that_cannot_be_answered_any_more_says_why(quoted, spoil):
    window, quote = quoted
    fields = fields_of(window, quote)
    if spoil == "expired":
        db.session.rollback()
        quote = make_document(
            window.customer, kind=Quote, series="CO", due_date=TODAY - timedelta(days=3)
        )
    elif spoil == "void":
        quote.state = DocumentState.VOID
    db.session.commit()
    if spoil == "accepted":
        send(window, quote, fields)
    elif spoil == "expired":
        from flask import current_app

        from services.sales.pdf import Workshop, pdf_of

        settings = current_app.extensions["settings"]
        workshop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
        fields["pdf"] = pdf_of(quote, workshop).sha256
        db.session.commit()

    refused = send(window, quote, fields)

    assert refused.status_code == 409
    assert 'name="agreed"' not in refused.text
    count = len(db.session.scalars(select(QuoteAnswer)).all())
    assert count == (1 if spoil == "accepted" else 0)


def test_the_day_is_the_companys(stand, organization):
    """At the end of the last day in Bogotá it is tomorrow in Greenwich."""
    organization.timezone = "Pacific/Kiritimati"  # 14 hours ahead
    window = stand()
    there = (utc_now() + timedelta(hours=14)).date()
    quote = make_document(window.customer, kind=Quote, due_date=there)
    over = make_document(window.customer, kind=Quote, due_date=there - timedelta(days=1))
    db.session.commit()

    assert 'name="agreed"' in window.get(f"/documents/{quote.public_id}").text
    assert 'name="agreed"' not in window.get(f"/documents/{over.public_id}").text


@pytest.mark.parametrize("roles", [("readonly",), ("billing",)])
def test_who_may_only_read_answers_nothing(stand, roles):
    window = stand(roles=roles, is_primary=False)
    quote = make_document(
        window.customer, kind=Quote, series="CO", due_date=TODAY + timedelta(days=5)
    )
    db.session.commit()
    where = f"/documents/{quote.public_id}"

    answer = window.submit(f"{where}/answer", {"name": "x", "agreed": "yes"}, form_at="/")

    assert answer.status_code == (403 if roles == ("readonly",) else 404)
    db.session.refresh(quote)
    assert quote.state is DocumentState.POSTED


def test_of_twenty_who_accept_at_once_one_does(app, quoted):
    """A double click, two tabs, two people: one answer, one event."""
    window, quote = quoted
    fields = fields_of(window, quote)
    where = f"{window.root}/documents/{quote.public_id}"
    token = window.browser.get_cookie("portal").value
    browsers = []
    for _number in range(20):
        browser = new_browser(app)
        browser.set_cookie("portal", token)
        browsers.append((browser, browser.csrf_token(where)))
    db.session.commit()
    start, statuses = threading.Barrier(20), []

    def accept(browser, csrf):
        start.wait()
        answer = browser.post(f"{where}/answer", data={**fields, "csrf_token": csrf})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=accept, args=each) for each in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303] + [409] * 19
    assert len(db.session.scalars(select(QuoteAnswer)).all()) == 1
    assert len(db.session.scalars(select(PortalEvent)).all()) == 1
