"""P-18: the menu of the portal has what is switched on, what is for the visitor's role, and nothing that is empty."""

import re

import pytest
from sqlalchemy import update

from models.base import db
from models.people.customer import Customer
from models.portal.portal_settings import PortalSettings
from models.sales.document import CreditNote, Quote, SalesOrder
from models.sales.document_state import DocumentState
from tests.factories.people import make_customer
from tests.factories.sales import make_document
from tests.factories.statements import make_statement, pay
from tests.factories.work import make_project

EMPTY = {"home", "invoices", "account"}  # there from the first day
ALWAYS = EMPTY | {"quotes", "payments", "credit-notes", "statements"}
SWITCHED = {"sales-orders", "projects", "reviews"}


def switch(*, is_on: bool) -> None:
    db.session.execute(
        update(PortalSettings).values(
            show_sales_orders=is_on, show_projects=is_on, allow_reviews=is_on
        )
    )
    db.session.commit()


def full_customer() -> Customer:
    """One for whom there is something of every kind."""
    customer = make_customer()
    for number, kind in enumerate((Quote, SalesOrder, CreditNote), start=1):
        make_document(customer, kind=kind, number=str(number))
    make_statement(customer)
    pay(customer, 5)
    make_project(customer)
    return customer


def menu_of(window) -> set[str]:
    """The last part of every address in the frame of the home page, among those of the menus."""
    page = window.get("/").text
    frame = re.sub(r"<main.*?</main>", "", page, flags=re.DOTALL)
    found = set(re.findall(rf'href="{window.root}/([\w-]*)"', frame))
    return {each or "home" for each in found} & (ALWAYS | SWITCHED)


def test_P_18_what_is_off_is_absent(stand):
    """S2-20, S2-21, S2-23: and there again when it is on."""
    window = stand(full_customer())

    switch(is_on=True)
    assert menu_of(window) == ALWAYS | SWITCHED
    switch(is_on=False)
    assert menu_of(window) == ALWAYS


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("billing", {"invoices", "credit-notes", "payments", "statements", "account"}),
        ("technical", {"sales-orders", "projects"}),
        ("approver", {"quotes"}),
    ],
)
def test_P_18_what_is_not_for_a_role_is_absent(stand, role, seen):
    """P-10: and answers 404 by its address."""
    window = stand(full_customer(), roles=(role,), is_primary=False)
    switch(is_on=True)

    hidden = (ALWAYS | SWITCHED) - seen - {"home", "reviews"}

    assert menu_of(window) == {"home", "reviews"} | seen
    assert {each: window.get(f"/{each}").status_code for each in hidden} == dict.fromkeys(
        hidden, 404
    )


def test_P_18_what_is_empty_is_absent_and_its_address_still_answers(stand):
    """Pains C-7: also beside a customer of the same company who has all of it."""
    full_customer()
    window = stand()
    switch(is_on=True)

    assert menu_of(window) == EMPTY | {"reviews"}
    absent = (ALWAYS | SWITCHED) - EMPTY
    assert {each: window.get(f"/{each}").status_code for each in absent} == dict.fromkeys(
        absent, 200
    )


def test_P_18_it_is_there_with_the_next_page_once_there_is_something(stand):
    """Pains C-7: nothing of it is kept; what the customer does not see is nothing."""
    window = stand()
    switch(is_on=True)
    make_document(window.customer, kind=Quote, number=None, state=DocumentState.DRAFT)
    inner = make_project(window.customer, is_shared=False)
    db.session.commit()
    assert menu_of(window) == EMPTY | {"reviews"}

    inner.is_shared = True
    make_document(window.customer, kind=CreditNote, series="NC")
    pay(window.customer, 5)
    db.session.commit()

    assert menu_of(window) == EMPTY | {"reviews", "projects", "credit-notes", "payments"}
