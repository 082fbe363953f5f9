"""How a customer stands, above their timeline (mockup 16): the share of the limit, and the visits of the month."""

import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from models.base import db, utc_now
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from tests.browser import new_browser
from tests.factories.people import make_customer, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved


@pytest.fixture
def clerk(app, organization) -> FlaskClient:
    return new_browser(app).enter_as(make_user(organization, name="Diana Güiza"), organization)


def figures(clerk: FlaskClient, customer) -> str:
    page = clerk.get(f"/admin/customer/timeline/?id={customer.id}").text
    return re.sub(r"<[^>]+>|\s+", " ", page.partition("v-kpis")[2].partition("v-cols")[0])


def test_the_share_of_the_limit_stands_below_the_balance(clerk):
    customer = make_customer(currency="EUR", credit_limit=Decimal(400))
    make_document(customer, price=100)
    db.session.commit()

    assert "% de su cupo de 400" in figures(clerk, customer)


@pytest.mark.parametrize("fields", [{}, {"currency": "COP", "credit_limit": Decimal(400)}])
def test_there_is_no_share_without_a_limit_in_the_currency(clerk, fields):
    customer = make_customer(**{"currency": "EUR", **fields})
    make_document(customer, price=100, currency="EUR")
    db.session.commit()

    shown = figures(clerk, customer)
    assert "Saldo" in shown and "cupo" not in shown


def test_who_was_there_last_and_how_often_somebody_was(clerk):
    customer = make_customer()
    user = make_portal_user(customer)
    assert "visita" not in figures(clerk, customer)
    saved(
        PortalEvent(
            customer_id=customer.id,
            kind=PortalEventKind.SIGNED_IN,
            actor=EventActor.PORTAL_USER,
            portal_user_id=user.id,
            actor_name=user.name,
            at=utc_now(),
        )
    )
    db.session.commit()

    assert f"{user.name} · 1 visita en" in figures(clerk, customer)


def test_a_limit_is_an_amount(clerk):
    customer = make_customer(currency="EUR")
    db.session.commit()
    page = clerk.get(f"/admin/customer/edit/?id={customer.id}").text

    assert "Cupo de crédito" in page and 'name="credit_limit"' in page
