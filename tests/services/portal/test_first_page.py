"""The documents of the first page are found in one question, and told apart."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from models.base import db
from models.people.customer import Customer
from models.sales.document import Invoice, Quote
from models.sales.document_state import DocumentState
from models.sales.quote_answer import Answer, QuoteAnswer
from models.work.comment import Comment
from services.portal.first_page import first_page
from services.portal.visible_documents import EVERYTHING, Sight, Subject, sight_of_staff
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document

TODAY = date(2026, 8, 21)


@pytest.fixture
def sight(organization):
    return sight_of_staff(make_customer().id)


@pytest.fixture
def customer(sight):
    return db.session.get_one(Customer, sight.customer_id)


def numbers(documents):
    return [document.label.rpartition("-")[2] for document in documents]


def test_quotes_wait_until_their_last_day(sight, customer):
    make_document(customer, kind=Quote, number="1", due_date=TODAY)
    make_document(customer, kind=Quote, number="2", due_date=TODAY - timedelta(days=1))
    make_document(customer, kind=Quote, number="3", due_date=TODAY, state=DocumentState.ACCEPTED)
    make_document(customer, kind=Invoice, number="4")

    assert numbers(first_page(sight, TODAY).waiting) == ["1"]


def test_waiting_quotes_are_found_by_an_index_of_their_own(sight, customer):
    """A customer who has answered all of many quotes must not read those of everybody else."""
    for number in range(30):
        state = DocumentState.ACCEPTED if number else DocumentState.POSTED
        make_document(customer, kind=Quote, number=str(number), due_date=TODAY, state=state)
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        first_page(sight, TODAY)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    statement, parameters = next(each for each in asked if "due_date" in each[0])

    plan = db.session.connection().exec_driver_sql(f"EXPLAIN {statement}", parameters)

    assert "ix_document_waiting" in "".join(line for (line,) in plan)


def test_what_is_owed_comes_first_by_its_day_and_then_what_was_issued_last(sight, customer):
    for number in range(1, 4):
        day = TODAY - timedelta(days=10 * number)
        make_document(
            customer, number=str(number), issue_date=day, state=DocumentState.PAID, due_date=TODAY
        )
    make_document(customer, number="4", issue_date=date(2025, 1, 1), due_date=TODAY)
    make_document(customer, number="5", issue_date=date(2025, 2, 1), due_date=date(2025, 3, 1))

    found = first_page(sight, TODAY)

    assert numbers(found.invoices) == ["5", "4", "1", "2"]
    assert found.count == 5
    assert numbers(found.issued) == ["1", "2", "3", "5", "4"]


def test_it_has_what_the_sight_comprises_of_this_customer(sight, customer):
    make_document(customer, number="1")
    make_document(customer, kind=Quote, number="2", due_date=TODAY)
    make_document(customer, number="3", state=DocumentState.DRAFT)
    make_document(make_customer(), number="4")
    quotes = Sight(customer.id, frozenset({Subject.QUOTES}))

    found = first_page(quotes, TODAY)

    assert (numbers(found.waiting), numbers(found.invoices), found.count) == (["2"], [], 0)
    assert numbers(found.issued) == ["2"]
    everything = first_page(Sight(customer.id, EVERYTHING), TODAY)
    assert sorted(numbers(everything.issued)) == ["1", "2"]
    nothing = first_page(Sight(customer.id, frozenset()), TODAY)
    assert (nothing.waiting, nothing.invoices, nothing.count, nothing.issued) == ([], [], 0, [])


def test_it_says_whether_anything_was_written(organization, sight, customer):
    """Nobody is asked for what a customer with documents never had; without a document nothing is known."""
    assert first_page(sight, TODAY).has_comments

    invoice = make_document(customer, kind=Invoice, number="1")
    silent = first_page(sight, TODAY)
    author = make_user(organization)
    written = {"user_id": author.id, "author_name": author.name, "body": "Va con la remisión."}
    db.session.add(Comment(customer_id=customer.id, document_id=invoice.id, **written))
    db.session.flush()

    assert (silent.has_comments, silent.has_answers) == (False, False)
    assert first_page(sight, TODAY).has_comments


def test_it_says_whether_a_quote_was_answered(sight, customer):
    """By an index of the customer's: most have none, and theirs must not be looked for among all others."""
    quotes = {
        owner.id: make_document(owner, kind=Quote, due_date=TODAY)
        for owner in (customer, make_customer())
    }
    heard = []
    for owner in reversed(quotes):
        heard.append(first_page(sight, TODAY).has_answers)
        signed = {"answer": Answer.ACCEPTED, "name": "Sofía", "pdf_sha256": "a" * 64}
        db.session.add(QuoteAnswer(customer_id=owner, document_id=quotes[owner].id, **signed))
        db.session.flush()

    assert heard == [False, False]
    assert first_page(sight, TODAY).has_answers
    assert not first_page(sight, TODAY).has_comments
