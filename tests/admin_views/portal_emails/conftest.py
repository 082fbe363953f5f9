"""A group that uses the portal, and who sets it up."""

import pytest
from flask.testing import FlaskClient

from models.base import db
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    make_mail_account(address="portal@acme.test", display_name="Portal")
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)
    make_contact(customer, name="Ramón Güemes", email="ramon@lanapa.test")
    db.session.commit()
    return group


@pytest.fixture
def admin(group: CustomerGroup, sign_in: SignIn) -> FlaskClient:
    return sign_in(role="administrator")
