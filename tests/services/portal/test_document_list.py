"""Lists page by key, in both directions, and each page once."""

from datetime import date, timedelta

import pytest

from models.base import db
from models.people.customer import Customer
from models.sales.document_state import DocumentKind, DocumentState
from services.portal.document_list import Wanted, documents_page, numbers_of
from services.portal.visible_documents import sight_of_staff
from tests.factories.people import make_customer
from tests.factories.sales import make_document

TODAY = date(2026, 8, 21)


@pytest.fixture
def sight(organization):
    return sight_of_staff(make_customer().id)


@pytest.fixture
def customer(sight):
    return db.session.get_one(Customer, sight.customer_id)


def labels(page):
    return [row.label for row in page.rows]


def test_pages_follow_each_other_and_lead_back(sight, customer):
    for number in range(1, 6):  # two of them on one day
        make_document(customer, number=str(number), issue_date=date(2026, 7, 1 + number // 2))

    first = documents_page(sight, DocumentKind.INVOICE, Wanted(), today=TODAY, size=2)
    second = documents_page(
        sight, DocumentKind.INVOICE, Wanted(after=first.older), today=TODAY, size=2
    )
    third = documents_page(
        sight, DocumentKind.INVOICE, Wanted(after=second.older), today=TODAY, size=2
    )
    back = documents_page(
        sight, DocumentKind.INVOICE, Wanted(before=third.newer), today=TODAY, size=2
    )

    assert labels(first) + labels(second) + labels(third) == [f"FV-{n}" for n in (5, 4, 3, 2, 1)]
    assert (first.newer, third.older) == (None, None)
    assert labels(back) == labels(second)


def test_states_are_what_the_customer_calls_so(sight, customer):
    make_document(customer, number="1", due_date=TODAY)
    make_document(customer, number="2", due_date=TODAY - timedelta(days=1))
    make_document(customer, number="3", state=DocumentState.PAID)

    def found(state):
        return labels(documents_page(sight, DocumentKind.INVOICE, Wanted(state=state), today=TODAY))

    assert found("open") == ["FV-2", "FV-1"]
    assert found("overdue") == ["FV-2"]
    assert found("paid") == ["FV-3"]
    assert found("nonsense") == ["FV-3", "FV-2", "FV-1"]


@pytest.mark.parametrize("number", ["10518", "FV-10518", "fv 10518", "0518", "%", "1' OR 1=1"])
def test_a_number_is_found_as_people_write_it(sight, customer, number):
    make_document(customer, number="10518")

    found = labels(documents_page(sight, DocumentKind.INVOICE, Wanted(number=number), today=TODAY))

    assert found == (["FV-10518"] if number in ("10518", "FV-10518", "fv 10518") else [])


def test_years_reach_from_the_last_document_to_the_first(sight, customer):
    make_document(customer, issue_date=date(2024, 3, 1))
    make_document(customer, issue_date=date(2026, 3, 1))

    assert numbers_of(sight, DocumentKind.INVOICE, today=TODAY).years == [2026, 2025, 2024]
    assert numbers_of(sight, DocumentKind.QUOTE, today=TODAY).years == []
    page = documents_page(sight, DocumentKind.INVOICE, Wanted(year=2024), today=TODAY)
    assert len(page.rows) == 1


def test_what_somebody_is_to_look_at_is_counted(sight, customer):
    make_document(customer, number="1", due_date=TODAY)
    make_document(customer, number="2", due_date=TODAY - timedelta(days=1))
    make_document(customer, number="3", state=DocumentState.PAID)

    assert numbers_of(sight, DocumentKind.INVOICE, today=TODAY).counts == {"open": 2, "overdue": 1}
    assert numbers_of(sight, DocumentKind.STATEMENT, today=TODAY).counts == {}
