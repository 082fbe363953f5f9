"""Receivables by age."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from models.base import db
from models.people.customer import Customer
from models.people.organization import Branch, Organization
from models.sales.document import Quote
from models.sales.document_state import DocumentState
from models.tenancy import Scope, acting_in, enter
from services.sales.ageing import receivables_by_age
from tests.factories.people import make_customer, make_organization
from tests.factories.sales import make_document
from tests.factories.saving import saved

TODAY = date(2026, 8, 21)


@pytest.fixture
def customer(organization: Organization) -> Customer:
    return make_customer()


def owe(customer: Customer, days_late: int, amount: int = 100, **fields: object) -> None:
    """An open invoice of `amount` and 19 % tax, due that many days ago."""
    make_document(customer, price=amount, due_date=TODAY - timedelta(days=days_late), **fields)


@pytest.mark.parametrize(
    ("days_late", "place"),
    [(1, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (400, 3)],
)
def test_each_day_falls_into_its_bucket(customer: Customer, days_late: int, place: int) -> None:
    owe(customer, days_late)

    [found] = receivables_by_age(TODAY)

    expected = [Decimal(0)] * 4
    expected[place] = Decimal("119.00")
    assert list(found.overdue) == expected


@pytest.mark.parametrize("days_late", [0, -1, -60])
def test_what_is_due_today_or_later_is_not_late(customer: Customer, days_late: int) -> None:
    owe(customer, days_late)

    [found] = receivables_by_age(TODAY)

    assert (found.not_due, found.total_overdue, found.invoices_overdue) == (Decimal(119), 0, 0)


def test_currencies_are_never_added_together(customer: Customer) -> None:
    owe(customer, 5, 100, currency="EUR")
    owe(customer, 5, 900, currency="COP")
    owe(customer, -5, 100, currency="COP")

    found = receivables_by_age(TODAY)

    assert [(one.currency, one.total, one.percent_overdue) for one in found] == [
        ("COP", Decimal(1190), 90),
        ("EUR", Decimal(119), 100),
    ]


def test_only_open_invoices_count(customer: Customer) -> None:
    owe(customer, 5, state=DocumentState.DRAFT)
    owe(customer, 5, state=DocumentState.VOID)
    owe(customer, 5, state=DocumentState.PAID)
    owe(customer, 5, kind=Quote)

    assert receivables_by_age(TODAY) == []


def test_late_customers_are_counted_once(customer: Customer) -> None:
    owe(customer, 5)
    owe(customer, 50)
    owe(make_customer(), 1)
    owe(make_customer(), -1)

    [found] = receivables_by_age(TODAY)

    assert (found.invoices_overdue, found.customers_overdue) == (3, 2)


def test_another_organization_owes_elsewhere(customer: Customer) -> None:
    other = make_organization()
    with acting_in(other.id):
        owe(make_customer(), 5)

    assert receivables_by_age(TODAY) == []


def test_a_branch_sees_its_own_and_what_belongs_to_none(
    organization: Organization, customer: Customer
) -> None:
    """S4-03: data is scoped to the branch that was chosen."""
    here, there = saved(Branch(code="1", name="Here")), saved(Branch(code="2", name="There"))
    owe(customer, 5, 100, branch_id=here.id)
    owe(customer, 5, 10, branch_id=there.id)
    owe(customer, 5, 1)
    db.session.flush()

    enter(Scope(organization_id=organization.id, branch_id=here.id))
    [found] = receivables_by_age(TODAY)

    assert found.total == Decimal("120.19")
