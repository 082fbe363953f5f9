"""Somebody who stands at a customer of the portal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, select
from werkzeug.test import TestResponse

from models.base import db
from models.people.contact import CustomerContact
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_user import PortalUser
from tests.browser import Browser, new_browser
from tests.factories.people import make_contact, make_customer
from tests.factories.portal import make_portal_user, portal_name, sign_in_to_portal
from tests.portal.house import house

__all__ = ["house"]  # a fixture


@pytest.fixture(autouse=True)
def nothing_kept_is_changed(app: Flask) -> Iterator[None]:
    """What all pages share of a company (`services/portal/kept_companies.py`) is read by them, and never written."""
    yield
    for _stamp, *rows in app.extensions.get("kept_companies", {}).values():
        assert all(inspect(row).detached and not inspect(row).modified for row in rows)


@dataclass
class Window:
    """A browser at one customer of the portal."""

    browser: Browser
    customer: Customer
    user: PortalUser
    root: str

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.browser.get(self.root + path, **kwargs)

    def submit(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        *,
        form_at: str = "/",
        **kwargs: Any,
    ) -> TestResponse:
        return self.browser.submit(self.root + path, fields, form_at=self.root + form_at, **kwargs)


Stand = Callable[..., Window]


@pytest.fixture
def stand(app: Flask, organization: Organization) -> Stand:
    """Stand at a customer as a contact with these roles; the primary one unless said otherwise."""

    def at(
        customer: Customer | None = None,
        *,
        roles: tuple[str, ...] = ("billing",),
        is_primary: bool = True,
    ) -> Window:
        customer = customer or make_customer(name="Ferretería La Ñapa", currency="EUR")
        has_primary = select(CustomerContact.id).where(
            CustomerContact.customer_id == customer.id, CustomerContact.is_primary
        )
        if not is_primary and db.session.scalar(has_primary) is None:
            make_contact(customer)
        contact = make_contact(customer, roles=roles, is_primary=is_primary, name="Sofía Ñáñez")
        user = make_portal_user(customer, contact)
        name, browser = portal_name(), new_browser(app)
        sign_in_to_portal(browser, user)
        db.session.refresh(user)
        return Window(browser, customer, user, f"/portal/{name}")

    return at
