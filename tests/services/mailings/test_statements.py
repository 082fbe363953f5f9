"""S1-09: statements of account go with a range of their own, alone or beside invoices."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailings.anomaly import AnomalyKind, MailingAnomaly
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryDocument
from models.mailings.mailing import AttachMode, Mailing, MailingRange, SentFilter
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document_state import DocumentKind
from models.sales.statement import Statement
from services.mailings.audience import Choice
from services.mailings.document_mails import mails_of
from services.mailings.document_ranges import documents_in
from services.mailings.explained_case import case_of
from services.mailings.explained_range import out_of_range
from services.mailings.gallery import gallery_page
from services.mailings.gallery_marks import Asked
from services.mailings.mailing_documents import sums_of
from services.mailings.summary import summary_of
from services.sales.posting import void_document
from services.sales.statements import Period
from settings import Settings
from tests.browser import new_browser
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document
from tests.factories.statements import JULY, make_statement, pay

SOON = date.today() + timedelta(days=30)  # noqa: DTZ011  # a date has no zone
OF_ACCOUNT = "<p>Your account: {{ documents.numbers }}, {{ documents.total }}</p>"
BODY = "<p>{{ documents.numbers }}|{{ documents.total }}|{{ documents.balance }}|{{ document.due_date }}</p>"
Register = Callable[..., Mailing]


@pytest.fixture
def customer(organization: Organization) -> Customer:
    customer = make_customer(name="Óptica Peñafiel", tax_id="B1", lang="es")
    make_contact(customer)
    make_document(customer, price=100, number="482", issue_date=date(2026, 7, 3), due_date=SOON)
    return customer


@pytest.fixture
def statement(customer: Customer) -> Statement:
    pay(customer, 19, on=date(2026, 7, 6))
    return make_statement(customer)


@pytest.fixture
def register(settings: Settings) -> Register:
    def registered(*kinds: DocumentKind, **fields: Any) -> Mailing:
        ranges = [MailingRange(kind=kind, date_from=JULY.first) for kind in kinds]
        return make_registered(settings, ranges=ranges, **{"body_html": BODY, **fields})

    return registered


def the_message() -> tuple[DeliveryBody, str]:
    body = db.session.scalars(select(DeliveryBody)).one()
    parsed = message_from_bytes(unstuffed(body.head))
    html = next(part for part in parsed.walk() if part.get_content_type() == "text/html")
    return body, html.get_payload(decode=True).decode()  # type: ignore[union-attr]


def odd(mailing: Mailing) -> set[AnomalyKind]:
    query = select(MailingAnomaly.kind).where(MailingAnomaly.mailing_id == mailing.id)
    return set(db.session.scalars(query))


def test_they_go_together_in_one_message(register: Register, statement: Statement) -> None:
    """What the statement repeats is not added up, and its period is no day to pay."""
    register(DocumentKind.INVOICE, DocumentKind.STATEMENT)

    body, html = the_message()
    assert len(body.parts) == 2
    assert len(db.session.scalars(select(DeliveryDocument.document_id)).all()) == 2
    numbers, total, balance, due = re.findall(r"<p>([^<]*)</p>", html)[0].split("|")
    assert numbers == "FV-482, EC-1"
    assert "119,00" in total and "119,00" in balance
    assert str(SOON.year) in due and str(SOON.day) in due


def test_alone_they_tell_their_own_balance(register: Register, statement: Statement) -> None:
    mailing = register(DocumentKind.STATEMENT)

    body, html = the_message()
    assert len(body.parts) == 1
    assert "EC-1" in html and html.count("100,00") == 3  # the document stands below, too
    assert [(each.kind, each.count, each.total) for each in sums_of(mailing)] == [
        (DocumentKind.STATEMENT, 1, Decimal(100))
    ]


def test_they_are_counted_by_kind(register: Register, statement: Statement) -> None:
    mailing = register(DocumentKind.INVOICE, DocumentKind.STATEMENT)

    assert [(each.kind.value, each.total) for each in sums_of(mailing)] == [
        ("invoice", Decimal(119)),
        ("statement", Decimal(100)),
    ]
    [row] = gallery_page(mailing, Asked()).rows
    assert row.labels == ("EC-1", "FV-482")
    assert row.sums == (("EUR", Decimal(119)),)


def test_who_gets_a_statement_only_is_counted_beforehand(statement: Statement) -> None:
    """S1-08: statements beside invoices reach people whom the invoices do not."""
    quiet = make_customer()
    make_contact(quiet)
    pay(quiet, 19)
    make_statement(quiet)
    kinds = (DocumentKind.INVOICE, DocumentKind.STATEMENT)
    both = [MailingRange(kind=kind, date_from=JULY.first) for kind in kinds]

    assert summary_of(Choice(both)).statements_alone == 1
    assert summary_of(Choice(both[1:])).statements_alone == 0


def test_nothing_is_odd_about_what_comes_to_nothing_or_less(
    register: Register, customer: Customer
) -> None:
    """N-03: what is odd in an invoice is the life of an account."""
    pay(customer, 500, on=date(2026, 7, 8))
    assert make_statement(customer).total < 0

    assert odd(register(DocumentKind.STATEMENT, body_html=OF_ACCOUNT)) == set()


@pytest.mark.parametrize(
    ("paid", "kind"), [(119, AnomalyKind.ZERO_TOTAL), (500, AnomalyKind.NEGATIVE_TOTAL)]
)
def test_nobody_owes_what_the_text_asks_for(
    register: Register, customer: Customer, paid: int, kind: AnomalyKind
) -> None:
    """N-03: a statement that comes to nothing or less, alone under a text that names what is owed and until when."""
    pay(customer, paid, on=date(2026, 7, 8))
    statement = make_statement(customer)

    mailing = register(DocumentKind.STATEMENT)

    found = db.session.scalars(
        select(MailingAnomaly).where(MailingAnomaly.mailing_id == mailing.id)
    ).one()
    assert (found.kind, found.document_id) == (kind, statement.id)
    assert found.detail["is_statement"]


def test_a_statement_alone_where_others_get_invoices(
    register: Register, customer: Customer
) -> None:
    """N-03: the text of such a mailing is about invoices; beside one, a statement of nothing is in order."""
    pay(customer, 500, on=date(2026, 7, 8))
    make_statement(customer)
    quiet = make_customer(tax_id="B2")
    make_contact(quiet)
    pay(quiet, 19, on=date(2026, 7, 8))
    make_statement(quiet)

    mailing = register(DocumentKind.INVOICE, DocumentKind.STATEMENT, body_html=OF_ACCOUNT)

    found = db.session.scalars(
        select(MailingAnomaly).where(MailingAnomaly.mailing_id == mailing.id)
    ).one()
    assert (found.kind, found.customer_id) == (AnomalyKind.NEGATIVE_TOTAL, quiet.id)


def test_only_the_text_that_is_read_counts(register: Register, customer: Customer) -> None:
    """N-03: who reads Spanish is not asked for money by the English text."""
    pay(customer, 500, on=date(2026, 7, 8))
    make_statement(customer)

    english = {"en": {"subject": "Pay", "body_html": BODY}}
    assert odd(register(DocumentKind.STATEMENT, body_html=OF_ACCOUNT, variants=english)) == set()


def test_ten_times_the_usual_balance_is_not_odd(register: Register, customer: Customer) -> None:
    for month in (4, 5, 6):
        first = date(2026, month, 1)
        make_document(customer, price=1, issue_date=first, due_date=SOON)
        make_statement(customer, Period(first, date(2026, month, 28)))
    make_document(customer, price=90_000, issue_date=date(2026, 7, 9), due_date=SOON)
    make_statement(customer)

    assert AnomalyKind.UNUSUAL_TOTAL not in odd(register(DocumentKind.STATEMENT))


def test_a_void_one_stays_and_a_sent_one_too(register: Register, statement: Statement) -> None:
    """S1-07: the filter by sending state holds for statements as for invoices."""
    unsent = MailingRange(kind=DocumentKind.STATEMENT, sent_filter=SentFilter.UNSENT)
    assert [found.label for found in documents_in([unsent])] == ["EC-1"]
    register(DocumentKind.STATEMENT)
    assert documents_in([unsent]) == []
    void_document(statement)
    [found] = documents_in([MailingRange(kind=DocumentKind.STATEMENT)])
    assert found.exclusion is not None


def test_its_page_knows_its_mailing_and_one_can_ask_why(
    register: Register, statement: Statement
) -> None:
    """X1-13: as an invoice does."""
    mailing = register(DocumentKind.STATEMENT)
    other = register(DocumentKind.INVOICE)

    [mail] = [each for each in mails_of(statement) if each.mailing is mailing]
    case = case_of(mailing, statement.customer_id, statement.id)
    assert mail.row == 1
    assert case.delivery is not None
    assert out_of_range(mailing, statement) is None
    assert out_of_range(other, statement) is not None


def test_a_link_opens_the_account(app: Flask, register: Register, statement: Statement) -> None:
    """P-09: with the movements, for the customer and nobody else."""
    register(DocumentKind.STATEMENT, attach_mode=AttachMode.LINK)
    _body, html = the_message()
    found = re.search(r"/l/([\w-]{43})", html)
    assert found
    db.session.commit()

    page = new_browser(app).get(f"/l/{found[1]}").text

    for told in ("EC-1", "FV-482", "TR-1", "100"):
        assert told in page
    assert new_browser(app).get(f"/l/{found[1]}/document.pdf").status_code == 200


def test_each_customer_gets_their_own(register: Register, statement: Statement) -> None:
    """S1-01: never the account of somebody else."""
    other = make_customer(tax_id="B2")
    make_contact(other)
    make_document(other, issue_date=date(2026, 7, 3), due_date=SOON)
    make_statement(other)
    register(DocumentKind.STATEMENT)

    rows = db.session.execute(
        select(Delivery.customer_id, Statement.customer_id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .join(Statement, Statement.id == DeliveryDocument.document_id)
    ).all()
    assert len(rows) == 2
    assert all(recipient == whose for recipient, whose in rows)
