"""Exactly one primary contact."""

import pytest
from sqlalchemy.exc import DBAPIError

from models.base import db
from models.people.contact import CustomerContact
from models.people.organization import Organization
from tests.factories.people import make_contact, make_customer


def test_a_customer_with_contacts_has_one_primary(organization: Organization) -> None:
    make_contact(make_customer(), is_primary=False)

    with pytest.raises(DBAPIError, match="customer_needs_primary_contact"):
        db.session.commit()


def test_a_customer_has_no_second_primary(organization: Organization) -> None:
    customer = make_customer()
    make_contact(customer)

    with pytest.raises(DBAPIError, match="uq_customer_contact_one_primary"):
        make_contact(customer)


def test_the_primary_can_be_handed_over_in_one_transaction(organization: Organization) -> None:
    customer = make_customer()
    make_contact(customer)
    make_contact(customer, is_primary=False)
    old, new = db.session.scalars(CustomerContact.of_customer(customer)).all()

    old.is_primary = False
    db.session.flush()
    new.is_primary = True
    db.session.commit()

    assert db.session.scalars(CustomerContact.of_customer(customer)).first() is new


def test_an_unknown_role_is_refused(organization: Organization) -> None:
    with pytest.raises(DBAPIError, match="roles_are_known"):
        make_contact(make_customer(), roles=("boss",))
