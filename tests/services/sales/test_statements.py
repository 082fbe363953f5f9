"""A customer's account over a period."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from errors import Invalid
from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import CreditNote, Document, Invoice, Quote
from models.sales.document_state import DocumentState
from models.sales.payment import Payment, PaymentAllocation
from models.sales.statement import MovementKind
from models.tenancy import Scope, acting_in, enter
from services.sales.balances import balances_of
from services.sales.standings import Standing, standings_of
from services.sales.statements import (
    CustomerAccount,
    Period,
    account_of,
    accounts_of,
    with_an_account,
)
from tests.factories.people import make_customer, make_organization
from tests.factories.sales import make_document
from tests.factories.statements import JULY, pay

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
AUGUST = Period(date(2026, 8, 1), date(2026, 8, 31))


@pytest.fixture
def customer(organization: Organization) -> Customer:
    return make_customer()


def bill(
    customer: Customer, price: Decimal | int, day: date, kind: type[Document] = Invoice, **fields
):
    """With 19 % tax, due 30 days later."""
    due = fields.pop("due_date", day + timedelta(days=30))
    return make_document(customer, kind=kind, price=price, issue_date=day, due_date=due, **fields)


def of(customer: Customer, period: Period = JULY) -> CustomerAccount:
    return account_of(customer.id, "EUR", period)


def test_it_opens_moves_and_closes(customer: Customer) -> None:
    """S1-09: invoices charge, credit notes and payments credit, each line has the balance after it."""
    earlier = bill(customer, 100, date(2026, 6, 10))
    bill(customer, 200, date(2026, 7, 3))
    bill(customer, 50, date(2026, 7, 8), CreditNote, series="NC")
    pay(customer, 119, (earlier, 119), on=date(2026, 7, 5))
    bill(customer, 1000, date(2026, 8, 1))

    account = of(customer)

    assert account.opening == Decimal("119.00")
    assert [(move.kind, move.debit, move.credit, move.balance) for move in account.movements] == [
        (MovementKind.INVOICE, Decimal(238), 0, Decimal(357)),
        (MovementKind.PAYMENT, 0, Decimal(119), Decimal(238)),
        (MovementKind.CREDIT_NOTE, 0, Decimal("59.50"), Decimal("178.50")),
    ]
    assert account.closing == Decimal("178.50")


def test_drafts_void_ones_and_quotes_do_not_count(customer: Customer) -> None:
    bill(customer, 100, date(2026, 7, 3), state=DocumentState.DRAFT)
    bill(customer, 100, date(2026, 7, 3), state=DocumentState.VOID)
    bill(customer, 100, date(2026, 7, 3), Quote)

    assert accounts_of([customer.id], JULY) == {}
    assert db.session.execute(with_an_account(JULY)).all() == []


def test_a_payment_counts_whole_on_its_day_whatever_it_is_for(customer: Customer) -> None:
    """Money that came ahead is in the customer's favour until there is an invoice for it."""
    pay(customer, 100, on=date(2026, 7, 2))

    account = of(customer)

    assert account.closing == Decimal(-100)
    assert account.aged == (0, 0, 0, 0, 0, Decimal(-100))


def test_what_settles_a_credit_note_is_money_that_went_back(customer: Customer) -> None:
    note = bill(customer, 100, date(2026, 7, 3), CreditNote, series="NC")
    pay(customer, 119, (note, 119), on=date(2026, 7, 6))

    account = of(customer)

    assert account.movements[-1].kind is MovementKind.REFUND
    assert (account.closing, balances_of(customer.id)) == (0, [])


def test_what_is_open_is_as_old_as_it_was_then(customer: Customer) -> None:
    """What was paid after the period is open at its end, and not due is not late."""
    end = JULY.last
    for days in (0, 1, 30, 31, 60, 61, 90, 91):
        bill(customer, 100, date(2026, 3, 1), due_date=end - timedelta(days=days))
    late = bill(customer, 1000, date(2026, 3, 1), due_date=end - timedelta(days=10))
    pay(customer, 1190, (late, 1190), on=date(2026, 8, 2))

    account = of(customer)

    each = Decimal(119)
    assert account.aged == (each, 2 * each + 1190, 2 * each, 2 * each, each, 0)
    assert sum(account.aged) == account.closing


def test_currencies_are_accounts_of_their_own(customer: Customer) -> None:
    bill(customer, 100, date(2026, 7, 3))
    bill(customer, 900, date(2026, 7, 3), currency="COP")

    found = accounts_of([customer.id], JULY)[customer.id]

    assert [(one.currency, one.closing) for one in found] == [("COP", 1071), ("EUR", 119)]


def test_another_organization_has_other_accounts(customer: Customer) -> None:
    other = make_organization()
    with acting_in(other.id):
        theirs = make_customer()
        bill(theirs, 100, date(2026, 7, 3))
        pay(theirs, 10)

    assert accounts_of([customer.id, theirs.id], JULY) == {}
    assert db.session.execute(with_an_account(JULY)).all() == []
    assert balances_of(theirs.id) == []


def test_the_portal_works_the_same_account_out(
    organization: Organization, customer: Customer
) -> None:
    """For one customer, as the portal's database role: the engine is one for both doors."""
    invoice = bill(customer, 100, date(2026, 6, 3))
    pay(customer, 50, (invoice, 40))
    bill(make_customer(), 100, date(2026, 7, 3))
    before, key, place = of(customer), customer.id, organization.id
    db.session.commit()

    enter(Scope(organization_id=place, customer_id=key))

    assert account_of(key, "EUR", JULY) == before
    assert db.session.execute(with_an_account(JULY)).all() == [(key, "EUR")]
    db.session.rollback()


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (date(2026, 7, 31), date(2026, 7, 1), "ends before it begins"),
        (date(2026, 7, 1), date(2026, 8, 22), "today at the latest"),
    ],
)
def test_a_period_runs_forwards_and_has_ended(
    app: Flask, first: date, last: date, sentence: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        with pytest.raises(Invalid, match=sentence):
            Period.checked(first, last, today=date(2026, 8, 21))


DAYS = st.dates(date(2026, 5, 20), date(2026, 8, 25))
CENTS = st.integers(1, 500_000).map(lambda cents: Decimal(cents) / 100)
DOCUMENTS = st.lists(
    st.tuples(
        st.sampled_from((Invoice, Invoice, CreditNote)),
        DAYS,
        st.integers(1, 90),
        CENTS,
        st.sampled_from((DocumentState.POSTED, DocumentState.POSTED, DocumentState.VOID)),
    ),
    max_size=6,
)
PAYMENTS = st.lists(
    st.tuples(DAYS, CENTS, st.lists(st.tuples(st.integers(0, 5), st.integers(1, 100)), max_size=3)),
    max_size=5,
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(documents=DOCUMENTS, payments=PAYMENTS)
def test_balances_add_up_whatever_happened(
    customer: Customer, documents: list, payments: list
) -> None:
    """Invariant 9: to the cent, closing = opening + debits - credits = what is open less what is allocated to nothing;
    periods chain, and a statement's ages are its balance."""
    with db.session.begin_nested() as savepoint:
        made = [_document(customer, *fields) for fields in documents]
        for day, amount, wishes in payments:
            _payment(customer, made, day, amount, wishes)
        db.session.expire_all()
        accounts = [of(customer, period) for period in (JUNE, JULY, AUGUST)]

        for account in accounts:
            assert account.closing == account.opening + account.debits - account.credits
            assert sum(account.aged) == account.closing
            assert account.movements[-1].balance == account.closing if account.movements else True
            assert account.closing == _balance_on(customer, account.period.last)
            standing = _standing_on(customer, account.period.last)
            assert (standing.balance, standing.overdue) == (account.closing, sum(account.aged[1:5]))
        for before, after in pairwise(accounts):
            assert after.opening == before.closing
        now = sum((amount for _currency, amount in balances_of(customer.id)), Decimal(0))
        assert now == accounts[-1].closing
        for payment in db.session.scalars(select(Payment)):
            assert payment.unallocated == payment.amount - sum(
                part.amount for part in payment.allocations
            )
        savepoint.rollback()


def _standing_on(customer: Customer, day: date) -> Standing:
    found = standings_of(customer.id, day)
    return found[0] if found else Standing.nothing_owed("EUR")


def test_what_is_left_of_a_payment_follows_its_allocations_and_nothing_else(
    customer: Customer,
) -> None:
    """Decision 0030: the database keeps it, whichever way the rows change."""
    invoice = bill(customer, 100, date(2026, 7, 1))
    payment = pay(customer, 200, (invoice, 50))
    left = select(Payment.unallocated).where(Payment.id == payment.id)
    assert db.session.scalar(left) == 150

    payment.allocations[0].amount = Decimal(80)
    db.session.flush()
    assert db.session.scalar(left) == 120

    db.session.execute(update(Payment).where(Payment.id == payment.id).values(unallocated=7))
    assert db.session.scalar(left) == 120

    payment.amount = Decimal(250)
    db.session.flush()
    assert db.session.scalar(left) == 170

    db.session.execute(delete(PaymentAllocation).where(PaymentAllocation.payment_id == payment.id))
    assert db.session.scalar(left) == 250


def _document(
    customer: Customer,
    kind: type[Document],
    day: date,
    terms: int,
    price: Decimal,
    state: DocumentState,
) -> Document:
    return bill(customer, price, day, kind, due_date=day + timedelta(days=terms), state=state)


def _payment(
    customer: Customer, documents: list[Document], day: date, amount: Decimal, wishes: list
) -> None:
    """Allocate as much as the documents and the payment still take."""
    parts: dict[int, tuple[Document, Decimal]] = {}
    left = amount
    for place, percent in wishes:
        if place >= len(documents) or documents[place].id in parts:
            continue
        document = documents[place]
        db.session.refresh(document)
        if document.state is DocumentState.VOID:
            continue
        part = min(left, (abs(document.balance_due) * percent / 100).quantize(Decimal("0.01")))
        if part > 0:
            parts[document.id] = (document, part)
            left -= part
    pay(customer, amount, *parts.values(), on=day)


def _balance_on(customer: Customer, day: date) -> Decimal:
    """Counted the long way: what of each document was open that day, less what payments had left over."""
    session: Session = db.session()
    documents = session.query(Document).where(Document.customer_id == customer.id).all()
    payments = session.query(Payment).where(Payment.customer_id == customer.id).all()
    balance = Decimal(0)
    known = {one.id: one for one in documents if one.state is not DocumentState.VOID}
    for document in known.values():
        if document.issue_date <= day:
            balance += -document.total if isinstance(document, CreditNote) else document.total
    for payment in payments:
        if payment.paid_on <= day:
            back = sum(
                part.amount
                for part in payment.allocations
                if isinstance(known[part.document_id], CreditNote)
            )
            balance += back - (payment.amount - back)
    return balance
