"""What is true of documents."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import DBAPIError

from errors import Conflict
from models.base import db
from models.people.organization import Organization
from models.sales.document import CreditNote, Document, DocumentLine, Invoice, Quote
from models.sales.document_state import NEXT_STATES, DocumentKind, DocumentState
from models.sales.money import rounded
from models.sales.payment import Payment, PaymentAllocation
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.saving import saved


def line(**fields: object) -> DocumentLine:
    plain = {"quantity": Decimal(1), "discount_percent": Decimal(0), "tax_rate": Decimal(0)}
    return DocumentLine(**{"description": "Service", **plain, **fields})


def pay(document: Document, amount: Decimal | int, *, of: Decimal | int | None = None) -> Payment:
    payment = Payment(
        customer_id=document.customer_id,
        paid_on=date(2026, 8, 1),
        amount=Decimal(of if of is not None else amount),
        currency=document.currency,
    )
    payment.allocations.append(PaymentAllocation(document_id=document.id, amount=Decimal(amount)))
    return payment


@pytest.mark.parametrize(("kind", "days"), [(Invoice, 9), (CreditNote, 0), (Quote, 0)])
def test_only_invoices_are_overdue(
    organization: Organization, kind: type[Document], days: int
) -> None:
    """Nobody owes a quote, and a credit note is owed to the customer."""
    due = date(2026, 7, 1)

    document = make_document(make_customer(), kind=kind, issue_date=due, due_date=due)

    assert document.days_overdue(due + timedelta(days=9)) == days


def test_total_is_lines_plus_tax_rounded_per_line() -> None:
    invoice = Invoice(currency="EUR")
    invoice.lines = [
        line(unit_price=Decimal("0.335"), tax_rate=Decimal(19), quantity=Decimal(3))
    ] * 1
    invoice.lines.append(line(unit_price=Decimal("10"), discount_percent=Decimal(50)))

    invoice.add_up()

    assert (invoice.subtotal, invoice.tax_total, invoice.total) == (
        Decimal("6.01"),
        Decimal("0.19"),
        Decimal("6.20"),
    )


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("1.005", "EUR", "1.01"), ("1.5", "JPY", "2"), ("1.23456", "KWD", "1.235")],
)
def test_money_is_rounded_to_the_currency(amount: str, currency: str, expected: str) -> None:
    assert rounded(Decimal(amount), currency) == Decimal(expected)


def test_posted_document_does_not_change(organization: Organization) -> None:
    invoice = make_document(make_customer())
    db.session.commit()
    invoice.notes = "changed"

    with pytest.raises(DBAPIError, match="document_is_posted"):
        db.session.flush()


def test_posted_document_gets_no_more_lines(organization: Organization) -> None:
    invoice = make_document(make_customer())
    db.session.commit()
    invoice.lines.append(line(unit_price=Decimal(1)))

    with pytest.raises(DBAPIError, match="document_is_posted"):
        db.session.flush()


def test_posted_document_and_its_lines_may_come_in_one_savepoint(
    organization: Organization,
) -> None:
    with db.session.begin_nested():
        invoice = make_document(make_customer())
    db.session.commit()

    assert len(invoice.lines) == 1


def test_posted_document_is_not_deleted(organization: Organization) -> None:
    invoice = make_document(make_customer())
    db.session.commit()
    db.session.delete(invoice)

    with pytest.raises(DBAPIError, match="document_is_posted"):
        db.session.flush()


def test_payment_moves_balance_and_state(organization: Organization) -> None:
    invoice = make_document(make_customer(), price=100)
    payment = saved(pay(invoice, 19))
    db.session.refresh(invoice)
    assert (invoice.state, invoice.balance_due) == (DocumentState.PARTIALLY_PAID, Decimal(100))

    payment.amount = payment.allocations[0].amount = Decimal(119)
    db.session.flush()
    db.session.refresh(invoice)
    assert (invoice.state, invoice.balance_due) == (DocumentState.PAID, Decimal(0))

    db.session.delete(payment)
    db.session.flush()
    db.session.refresh(invoice)
    assert (invoice.state, invoice.balance_due) == (DocumentState.POSTED, Decimal(119))


def test_more_than_is_due_is_refused(organization: Organization) -> None:
    invoice = make_document(make_customer(), price=100)

    with pytest.raises(DBAPIError, match="more_than_is_due"):
        saved(pay(invoice, 120))


def test_more_than_was_paid_is_refused(organization: Organization) -> None:
    invoice = make_document(make_customer(), price=100)

    with pytest.raises(DBAPIError, match="more_than_was_paid"):
        saved(pay(invoice, 50, of=49))


def test_another_customers_document_is_refused(organization: Organization) -> None:
    invoice = make_document(make_customer())
    payment = pay(invoice, 1)
    payment.customer_id = make_customer().id

    with pytest.raises(DBAPIError, match="not_this_customers_document"):
        saved(payment)


def test_the_same_number_is_refused_once_more(organization: Organization) -> None:
    customer = make_customer()
    make_document(customer, number="7")

    with pytest.raises(DBAPIError, match="uq_document_number"):
        make_document(customer, number="07")


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_states_that_may_follow_are_states_of_the_kind(kind: DocumentKind) -> None:
    table = NEXT_STATES[kind]

    assert set().union(*table.values()) <= set(table)


def test_a_forbidden_step_is_a_conflict(organization: Organization) -> None:
    invoice = make_document(make_customer(), state=DocumentState.POSTED)

    with pytest.raises(Conflict):
        invoice.change_state(DocumentState.DRAFT)
