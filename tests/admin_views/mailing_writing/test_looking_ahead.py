"""What is seen before a mailing is registered: its summary, who is left out, and an example."""

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentState
from models.system.file import File
from tests.admin_views.mailing_writing.writing import fields, text_of, the_only_mailing
from tests.factories.people import make_customer
from tests.factories.sales import make_document


def test_the_summary_knows_account_languages_and_limits(clerk: FlaskClient) -> None:
    """S1-08, S1-10: how many of today's quota, and who reads another language."""
    text = text_of(clerk.post("/mailings/new/summary", data=fields()))
    strict = text_of(clerk.post("/mailings/new/summary", data=fields(needs_own_language="y")))

    assert "3 of the 2,000 that the account allows today" in text
    assert "There is no text in English: 1 will read it in Spanish" in text
    assert 'id="n-contacts-primary" hx-swap-oob="true">3 third parties' in text
    assert "1 left out" in strict


def test_what_is_too_large_is_told_before_registering(clerk: FlaskClient) -> None:
    """S1-09: 40 MB beside an invoice go as a link, with a warning and the largest size."""
    file = File(sha256="a" * 64, size_bytes=40_000_000, media_type="application/pdf", name="plan")
    db.session.add(file)
    db.session.flush()
    first = db.session.scalars(select(Document.id).order_by(Document.id).limit(1)).one()
    kind = DocumentFileKind.ANNEX
    db.session.add(DocumentFile(document_id=first, file_id=file.id, kind=kind))
    db.session.commit()
    without = text_of(clerk.post("/mailings/new/summary", data=fields()))
    with_it = text_of(clerk.post("/mailings/new/summary", data=fields(files="annex")))

    assert "too large" not in without
    assert "1 e-mail is too large for the account: it carries a link" in with_it
    assert re.search(r"at most 5\d(\.\d)? MB", with_it)  # base64 takes a third more


def test_who_is_left_out_is_seen_before_registering(
    clerk: FlaskClient, customers: list[Customer]
) -> None:
    """S1-07, S1-08: by name, with the page where one can put it right."""
    lonely = make_customer(number="K9", name="Nobody's Ltd.")
    make_document(lonely, number="204")
    make_document(customers[0], number="205", state=DocumentState.VOID)
    db.session.commit()

    text = text_of(clerk.post("/mailings/new/left-out", data=fields(number_to="207")))

    assert "Nobody's Ltd." in text and f"/customer/details/?id={lonely.id}" in text
    assert "FV-205" in text and "Void document" in text
    assert "FV-206–207" in text


def test_an_example_is_what_would_leave(clerk: FlaskClient, customers: list[Customer]) -> None:
    """S1-10: of the first recipient or a chosen one, by the renderer of the real message."""
    wanted = fields(
        subject="{{ customer.name }} ñ",
        variant_subject="Hi",
        variant_body="Dear {{ contact.name }}",
    )
    clerk.post("/mailings/draft", data=wanted)
    key = the_only_mailing().public_id

    page = clerk.get(f"/mailings/{key}/example")
    message = clerk.get(f"/mailings/{key}/example/message")
    other = clerk.get(f"/mailings/{key}/example/message?customer={customers[2].id}")

    assert "Kunde 1 ñ" in page.text and "FV-201.pdf" in page.text
    assert "sandbox" in page.text
    assert "<p>Dear Ana 1</p>" in message.text
    assert "sandbox" in message.headers["Content-Security-Policy"]
    assert "script" not in message.headers["Content-Security-Policy"]
    assert '<html lang="en">' in other.text and "Ana 3" in other.text
    assert db.session.scalar(select(Mailing.planned_count)) is None


def test_an_example_of_nothing_says_why(clerk: FlaskClient) -> None:
    answer = clerk.post("/mailings/example", data=fields(number_from="900", number_to="999"))

    assert "Nobody gets this mailing." in answer.text
