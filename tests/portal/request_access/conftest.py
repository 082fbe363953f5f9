"""A portal where one asks for access, a customer who is alike, and a clerk."""

import pytest
from flask import Flask

from models.base import db
from models.people.customer import Customer
from tests.browser import new_browser
from tests.factories.people import (
    make_customer,
    make_group,
    make_mail_account,
    make_user,
)
from tests.portal.door import Door


@pytest.fixture
def door(app: Flask, organization) -> Door:
    make_mail_account()
    organization.email = "cartera@penalba.test"
    db.session.commit()
    return Door(app)


@pytest.fixture
def guemes(organization) -> Customer:
    group = make_group(name="Mayoristas", uses_portal=True)
    customer = make_customer(
        name="Almacenes Güemes y Cía., S. A.",
        tax_id_type="co.nit",
        tax_id="8600348113",
        customer_group_id=group.id,
    )
    db.session.commit()
    return customer


@pytest.fixture
def clerk(app: Flask, organization):
    user = make_user(organization, role="clerk")
    db.session.commit()
    return new_browser(app).enter_as(user, organization)
