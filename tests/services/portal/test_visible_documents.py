"""X0: the roles of a contact decide which documents they see."""

import pytest

from models.base import db
from models.people.contact import ContactRole
from models.sales.document import CreditNote, Document, Invoice, Quote, SalesOrder
from models.sales.document_state import DocumentKind, DocumentState
from services.portal.visible_documents import (
    EVERYTHING,
    SUBJECTS_OF_ROLES,
    Subject,
    mine,
    sight_of_contact,
    sight_of_staff,
)
from tests.factories.people import make_customer
from tests.factories.sales import make_document

KINDS = (Invoice, CreditNote, Quote, SalesOrder)


@pytest.mark.parametrize(
    ("roles", "seen"),
    [
        (("billing",), {"invoice", "credit_note"}),
        (("statements",), set()),
        (("technical",), {"sales_order"}),
        (("approver",), {"quote"}),
        (("readonly",), {"invoice", "credit_note", "quote", "sales_order"}),
        (("billing", "approver"), {"invoice", "credit_note", "quote"}),
        ((), set()),
    ],
)
def test_each_role_sees_its_kinds(organization, roles, seen):
    customer = make_customer()
    for number, kind in enumerate(KINDS, start=1):
        make_document(customer, kind=kind, number=str(number))

    sight = sight_of_contact(customer.id, roles, is_primary=False)
    found = db.session.scalars(mine(sight).with_only_columns(Document.kind)).all()

    assert {kind.value for kind in found} == seen


def test_every_role_is_thought_of():
    assert set(SUBJECTS_OF_ROLES) == set(ContactRole)


def test_P_03_only_approvers_and_the_primary_contact_answer():
    may = {
        roles: sight_of_contact(1, roles, is_primary=False).may_answer
        for roles in (("approver",), ("readonly",), ("billing",), ())
    }

    assert may == {("approver",): True, ("readonly",): False, ("billing",): False, (): False}
    assert sight_of_contact(1, (), is_primary=True).may_answer
    assert not sight_of_staff(1).may_answer
    assert sight_of_staff(1).subjects == EVERYTHING


def test_drafts_and_other_customers_are_never_seen(organization):
    customer, other = make_customer(), make_customer()
    make_document(customer, state=DocumentState.DRAFT)
    make_document(other)
    posted = make_document(customer)

    sight = sight_of_staff(customer.id)

    assert db.session.scalars(mine(sight)).all() == [posted]
    assert db.session.scalars(mine(sight, DocumentKind.QUOTE)).all() == []
    without = sight.without(Subject.INVOICES)
    assert db.session.scalars(mine(without, DocumentKind.INVOICE)).all() == []
