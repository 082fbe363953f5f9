"""Customers who owe something, and a clerk."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def customers(organization: Organization) -> list[Customer]:
    """Three with an invoice of July each; nothing ever happened with a fourth one."""
    make_mail_account(address="billing@example.com")
    found = [make_customer(number=f"K{n}", name=f"Kunde {n}") for n in (1, 2, 3, 4)]
    for place, customer in enumerate(found[:3]):
        make_contact(customer)
        make_document(customer, number=str(201 + place), issue_date=date(2026, 7, 3))
    db.session.commit()
    return found


@pytest.fixture
def clerk(sign_in: SignIn, customers: list[Customer]) -> FlaskClient:
    return sign_in("clerk", lang="en")
