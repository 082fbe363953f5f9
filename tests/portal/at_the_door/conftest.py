"""A customer who signs in, and the door."""

import pytest
from flask import Flask

from models.base import db
from services.people.passwords import hasher
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.portal import make_portal_user
from tests.portal.door import PASSWORD, Door


@pytest.fixture
def sofia(organization):
    make_mail_account()
    customer = make_customer(name="Ferretería La Ñapa")
    contact = make_contact(customer, name="Sofía Núñez", email="sofia@lanapa.test")
    user = make_portal_user(customer, contact, password_hash=hasher.hash(PASSWORD))
    db.session.commit()
    return user


@pytest.fixture
def door(app: Flask, organization) -> Door:
    return Door(app)
