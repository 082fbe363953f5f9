"""How long a customer takes to pay, and how old the debt is (mockup 16): as the statement has it."""

from datetime import date, timedelta
from decimal import Decimal

from models.base import db
from models.people.organization import Organization
from models.sales.document import CreditNote
from models.sales.document_state import DocumentKind, DocumentState
from services.sales.customer_figures import (
    ages_of,
    days_to_pay,
    documents_counted,
    oldest_overdue,
)
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.statements import pay

TODAY = date(2026, 8, 31)


def test_days_to_pay_is_from_issue_to_the_last_payment(organization: Organization) -> None:
    customer = make_customer()
    assert days_to_pay(customer) is None
    for days in (20, 40):
        invoice = make_document(customer, issue_date=TODAY - timedelta(days=60))
        for part, after in ((Decimal(1), 2), (invoice.total - 1, days)):
            on = invoice.issue_date + timedelta(days=after)
            pay(customer, part, (invoice, part), on=on)
        invoice.state = DocumentState.PAID
    db.session.flush()
    make_document(customer)  # is not paid

    taken = days_to_pay(customer)

    assert taken is not None
    assert (taken.days, taken.invoices) == (30, 2)


def test_the_oldest_overdue_invoice_is_open_and_of_its_currency(organization: Organization) -> None:
    customer = make_customer()
    for days, more in (
        (90, {"currency": "USD"}),
        (80, {"kind": CreditNote, "series": "NC"}),
        (30, {}),
        (60, {}),
        (-5, {}),
    ):
        make_document(customer, due_date=TODAY - timedelta(days=days), **more)
    settled = make_document(customer, due_date=TODAY - timedelta(days=99))
    pay(customer, settled.total, (settled, settled.total))
    db.session.flush()

    found = oldest_overdue(customer, "EUR", TODAY)

    assert found is not None
    assert found.due_date == TODAY - timedelta(days=60)
    assert oldest_overdue(make_customer(), "EUR", TODAY) is None


def test_ages_add_up_to_what_is_open(organization: Organization) -> None:
    customer = make_customer()
    due = (
        TODAY,
        TODAY - timedelta(days=1),
        TODAY - timedelta(days=45),
        TODAY - timedelta(days=200),
    )
    invoices = [make_document(customer, issue_date=day, due_date=day) for day in due]

    [ages] = ages_of(customer, TODAY)

    assert ages.not_due == invoices[0].total
    assert ages.overdue == (invoices[1].total, invoices[2].total, Decimal(0), invoices[3].total)
    assert documents_counted(customer)[DocumentKind.INVOICE] == 4
