"""Customers with invoices, and a clerk."""

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
    """Three with an invoice each (FV-201 to FV-203); the last one reads English."""
    make_mail_account(address="billing@example.com", per_day=2000)
    found = [make_customer(number=f"K{n}", name=f"Kunde {n}") for n in (1, 2, 3)]
    found[2].lang = "en"
    for place, customer in enumerate(found):
        make_contact(customer, name=f"Ana {place + 1}")
        make_document(customer, number=str(201 + place))
    db.session.commit()
    return found


@pytest.fixture
def clerk(sign_in: SignIn, customers: list[Customer]) -> FlaskClient:
    return sign_in("clerk", lang="en")
