"""Statements of account as documents: issued once, numbered, frozen, void, printed."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from errors import Conflict
from models.base import db
from models.people.customer import Customer
from models.people.organization import Branch, Organization
from models.sales.document import CreditNote
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.sales.payment import PaymentAllocation
from models.sales.statement import MovementKind, StatementLine
from models.tenancy import Scope, enter
from services.sales.ageing import receivables_by_age
from services.sales.balances import balances_of
from services.sales.issuing_statements import (
    Issuing,
    customers_waiting,
    demand_of,
    issue_statements,
)
from services.sales.pdf import Workshop, pdf_of
from services.sales.posting import void_document
from services.sales.statements import Period
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import JULY, make_statement, pay, reloaded


@pytest.fixture
def customer(organization: Organization) -> Customer:
    customer = make_customer(name="Óptica Peñafiel", tax_id="B1")
    invoice = make_document(customer, price=100, number="482", issue_date=date(2026, 7, 3))
    pay(customer, 19, (invoice, 19), on=date(2026, 7, 6))
    return customer


def test_it_is_a_document_with_what_moved(customer: Customer) -> None:
    """S1-09: numbered in a series of its own, with the period, and each movement with the balance after it."""
    statement = reloaded(make_statement(customer))

    assert (statement.kind, statement.state) == (DocumentKind.STATEMENT, DocumentState.POSTED)
    assert statement.label == "EC-1"
    assert (statement.period_start, statement.issue_date) == (JULY.first, JULY.last)
    assert (statement.opening_balance, statement.total) == (0, Decimal(100))
    assert [(line.kind, line.label, line.balance) for line in statement.movements] == [
        (MovementKind.INVOICE, "FV-482", Decimal(119)),
        (MovementKind.PAYMENT, "TR-1", Decimal(100)),
    ]
    assert statement.bill_to["name"] == "Óptica Peñafiel"


def test_it_is_not_owed_and_moves_nothing(customer: Customer) -> None:
    """It tells of the balance: nothing that counts what is owed sees it."""
    before = balances_of(customer.id), receivables_by_age(date(2026, 9, 30))

    statement = make_statement(customer)

    assert (balances_of(customer.id), receivables_by_age(date(2026, 9, 30))) == before
    assert statement.balance_due == 0
    assert statement.days_overdue(date(2027, 1, 1)) == 0


def test_nobody_pays_a_statement(customer: Customer) -> None:
    statement = make_statement(customer)
    payment = pay(customer, 10)
    payment.allocations.append(PaymentAllocation(document_id=statement.id, amount=Decimal(10)))

    with pytest.raises(DBAPIError, match="not_this_customers_document"):
        db.session.flush()


def test_it_is_issued_once_for_a_period(customer: Customer) -> None:
    """Twice asked, once issued; another period and a void one are another matter."""
    first = make_statement(customer)

    assert issue_statements([customer.id], JULY) == []
    assert demand_of(JULY).waiting == 0
    assert db.session.scalars(customers_waiting(JULY)).all() == []
    [quarter] = issue_statements([customer.id], Period(date(2026, 7, 1), date(2026, 8, 31)))
    void_document(first)
    [again] = issue_statements([customer.id], JULY)
    assert [first.label, quarter.label, again.label] == ["EC-1", "EC-2", "EC-3"]


def test_the_database_refuses_a_second_one(customer: Customer) -> None:
    make_statement(customer)
    issuing = Issuing([customer.id], JULY)
    issuing.issued.clear()  # as if it had been issued by somebody else in between
    issuing.issue(customer)

    with pytest.raises(DBAPIError, match="uq_document_statement"):
        db.session.flush()


def test_it_never_changes(customer: Customer) -> None:
    """Like every posted document, with its lines; making it void is all one can do."""
    statement = make_statement(customer)
    db.session.commit()

    line = db.session.scalars(select(StatementLine).limit(1)).one()
    for record, field, value in (
        (statement, "total", Decimal(1)),
        (statement, "opening_balance", Decimal(1)),
        (statement, "aged", [Decimal(1)]),
        (line, "debit", Decimal(1)),
    ):
        with pytest.raises(DBAPIError, match="document_is_posted"):
            _write(record, field, value)
    void_document(statement)
    assert statement.state is DocumentState.VOID
    with pytest.raises(Conflict):
        void_document(statement)


def test_what_was_issued_stays_when_something_is_dated_back(customer: Customer) -> None:
    statement = make_statement(customer)
    make_document(customer, price=1000, issue_date=date(2026, 7, 10))

    assert reloaded(statement).total == Decimal(100)


def test_only_who_has_something_to_be_told_of(customer: Customer) -> None:
    """A balance before the period is enough; neither movement nor balance is not."""
    nobody = make_customer()
    august = Period(date(2026, 8, 1), date(2026, 8, 31))

    assert demand_of(august).accounts == 1
    assert db.session.scalars(customers_waiting(august)).all() == [customer.id]
    assert demand_of(august, select(Customer.id).where(Customer.id == nobody.id)).accounts == 0
    with pytest.raises(Conflict):
        Issuing([nobody.id], august).issue(nobody)


def test_each_currency_has_its_own(customer: Customer) -> None:
    make_document(customer, price=100, currency="COP")

    issued = issue_statements([customer.id], JULY)

    assert [one.currency for one in issued] == ["COP", "EUR"]
    assert demand_of(JULY).accounts == 2


def test_a_series_that_somebody_made_is_used(customer: Customer) -> None:
    saved(NumberSeries(kind=DocumentKind.STATEMENT, series="CTA", next_number=77, padding=4))

    assert make_statement(customer).label == "CTA-0077"


def test_a_branch_sees_a_part_and_issues_none(
    organization: Organization, customer: Customer
) -> None:
    branch = saved(Branch(code="9", name="Centro"))
    enter(Scope(organization_id=organization.id, branch_id=branch.id))

    with pytest.raises(Conflict):
        issue_statements([customer.id], JULY)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "es",
            ("Estado de cuenta", "Saldo anterior", "Factura FV-482", "Cargo", "Por vencer"),
        ),
        (
            "en",
            ("Statement of account", "Opening balance", "Invoice FV-482", "Charge", "Not due"),
        ),
        (
            "pt",
            ("Extrato de conta", "Saldo anterior", "Fatura FV-482", "Débito", "A vencer"),
        ),
    ],
)
def test_its_pdf_tells_the_account(settings, customer: Customer, lang: str, words: tuple) -> None:
    """S1-09: with the running balance and the age of what is open, in the language of the customer."""
    customer.lang = lang
    make_document(customer, kind=CreditNote, series="NC", price=10, issue_date=date(2026, 7, 9))
    workshop = Workshop(files_url=settings.files_url, base_url="https://acme.test", processes=1)
    statement = make_statement(customer)

    pdf = pdf_of(statement, workshop)
    again = pdf_of(statement, workshop)

    content = workshop.store.read(pdf.sha256)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert pdf == again
    for word in (*words, "Óptica Peñafiel", "119", "88"):
        assert word in text
    assert PdfReader(BytesIO(content)).trailer["/Root"]["/MarkInfo"]["/Marked"]


def _write(record: Any, field: str, value: Any) -> None:
    with db.session.begin_nested():
        setattr(record, field, value)
        db.session.flush()
