"""Whose word was the last one, and what counts as an answer."""

from datetime import timedelta

import pytest

from models.base import db, utc_now
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_user import PortalUser
from models.tenancy import acting_in
from models.work.comment import Comment, CommentVisibility
from services.work.unanswered import WAITS, unanswered
from tests.factories.people import make_customer, make_organization, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.work import make_project


@pytest.fixture
def sofia(organization: Organization) -> PortalUser:
    return make_portal_user(make_customer(), name="Sofía Ñáñez")


@pytest.fixture
def customer(sofia: PortalUser) -> Customer:
    return sofia.memberships[0].customer


def says(customer: Customer, *, by: PortalUser | None = None, **fields: object) -> Comment:
    """A comment of the customer's, or of ours."""
    staff = (
        {}
        if by
        else {"user_id": make_user(db.session.get_one(Organization, customer.organization_id)).id}
    )
    of = {"portal_user_id": by.id} if by else staff
    values = {
        "customer_id": customer.id,
        "author_name": "x",
        "body": "¿Y el flete?",
        **of,
        **fields,
    }
    return saved(Comment(**values))


def test_the_last_word_of_each_thread_waits_the_longest_first(customer, sofia) -> None:
    invoice, project = make_document(customer), make_project(customer)
    says(customer, by=sofia, document_id=invoice.id)
    last = says(customer, by=sofia, document_id=invoice.id)
    older = says(customer, by=sofia, project_id=project.id, at=utc_now() - timedelta(days=2))

    assert unanswered(utc_now(), most=5) == [older, last]


@pytest.mark.parametrize("visibility", list(CommentVisibility))
def test_whatever_staff_write_is_an_answer(customer, sofia, visibility) -> None:
    """Also a note to themselves, such as that they have called."""
    invoice = make_document(customer)
    says(customer, by=sofia, document_id=invoice.id)
    says(customer, document_id=invoice.id, visibility=visibility)
    assert unanswered(utc_now(), most=5) == []

    again = says(customer, by=sofia, document_id=invoice.id)
    assert unanswered(utc_now(), most=5) == [again]


def test_what_is_old_or_somebody_elses_does_not_wait(customer, sofia) -> None:
    says(customer, by=sofia, document_id=make_document(customer).id, at=utc_now() - WAITS * 1.01)
    says(customer, document_id=make_document(customer).id)
    other = make_organization()
    with acting_in(other.id):
        stranger = make_portal_user(make_customer())
        theirs = stranger.memberships[0].customer
        says(theirs, by=stranger, document_id=make_document(theirs).id)
        assert len(unanswered(utc_now(), most=5)) == 1

    assert unanswered(utc_now(), most=5) == []
    assert unanswered(utc_now(), customer_id=customer.id, most=5) == []
