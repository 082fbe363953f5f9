"""P-03: what a customer paid pages by key, and says what each payment went to, to whom may see it."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event

from models.base import db
from models.people.customer import Customer
from services.portal.document_list import Wanted
from services.portal.payment_list import payments_page
from services.portal.visible_documents import Subject, sight_of_staff
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.statements import pay


@pytest.fixture
def sight(organization):
    return sight_of_staff(make_customer().id)


@pytest.fixture
def customer(sight):
    return db.session.get_one(Customer, sight.customer_id)


def references(page):
    return [payment.reference for payment in page.rows]


def test_pages_follow_each_other_and_lead_back_however_much_each_payment_settled(sight, customer):
    invoices = [make_document(customer, number=str(number)) for number in range(1, 4)]
    for number in range(1, 6):  # two of them on one day
        parts = [(invoice, 10) for invoice in invoices[: number % 4]]
        pay(customer, 100, *parts, on=date(2026, 7, 1 + number // 2), reference=f"T{number}")

    first = payments_page(sight, Wanted(), size=2)
    second = payments_page(sight, Wanted(after=first.older), size=2)
    third = payments_page(sight, Wanted(after=second.older), size=2)
    back = payments_page(sight, Wanted(before=third.newer), size=2)

    assert [references(page) for page in (first, second, third)] == [
        ["T5", "T4"],
        ["T3", "T2"],
        ["T1"],
    ]
    assert (first.newer, third.older) == (None, None)
    assert references(back) == references(second)


def test_what_a_payment_went_to_stands_in_the_order_in_which_it_was_said(sight, customer):
    late, early = (make_document(customer, number=number) for number in ("9", "3"))
    payment = pay(customer, 100, (late, 10), (early, 10), on=date(2026, 7, 1))
    pay(customer, 100, on=date(2026, 7, 2))

    without, found = payments_page(sight, Wanted()).rows

    assert [part.label for part in found.parts] == [late.label, early.label]
    assert (found.id, found.unallocated) == (payment.id, Decimal(80))
    assert (without.parts, without.unallocated) == ([], Decimal(100))


def test_a_document_that_somebody_may_not_see_is_named_but_not_shown(sight, customer):
    pay(customer, 100, (make_document(customer, number="1"), 10))

    (whole,) = payments_page(sight, Wanted()).rows
    (less,) = payments_page(sight.without(Subject.INVOICES), Wanted()).rows

    assert [(part.label, part.is_seen) for part in whole.parts] == [("FV-1", True)]
    assert [(part.label, part.is_seen) for part in less.parts] == [("FV-1", False)]


def test_payments_are_found_by_what_stands_in_their_reference_as_it_is_written(sight, customer):
    pay(customer, 100, on=date(2026, 7, 1), reference="TR-50%_a")
    pay(customer, 100, on=date(2026, 7, 2), reference="TR-50xya")

    assert references(payments_page(sight, Wanted(number="50%_A"))) == ["TR-50%_a"]
    assert references(payments_page(sight, Wanted(number="tr-50"))) == ["TR-50xya", "TR-50%_a"]


def test_nobody_sees_what_somebody_else_paid(sight, customer):
    other = make_customer()
    pay(other, 100, (make_document(other, number="1"), 10))

    assert payments_page(sight, Wanted()).rows == ()


def test_it_is_one_question_of_the_database(sight, customer):
    pay(customer, 100, (make_document(customer, number="1"), 10))
    asked = []

    def note(_connection, _cursor, statement, *_more):
        asked.append(statement)

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        payments_page(sight, Wanted())
    finally:
        event.remove(engine, "before_cursor_execute", note)

    assert len(asked) == 1
