"""Every screen of every model opens, in both languages, with rows in it."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask

from admin_views.registry import endpoint_of, models_with_screens
from models.base import db
from models.people.customer import Address
from models.sales.document import CreditNote, Quote, SalesOrder
from models.sales.document_state import DocumentState
from models.sales.payment import Payment, PaymentAllocation
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.sales import make_document
from tests.factories.saving import saved

ENDPOINTS = [endpoint_of(model) for model in models_with_screens()]


@pytest.fixture
def rows(organization: object) -> None:
    """At least one row of what people work with."""
    group = make_group()
    customer = make_customer(customer_group_id=group.id, tax_id="900123456", phone="+57 1")
    saved(Address(customer_id=customer.id, street="Calle 1", city="Bogotá", country="CO"))
    make_contact(customer)
    make_mail_account(password="top secret")
    invoice = make_document(customer)
    for kind in (CreditNote, Quote, SalesOrder):
        make_document(customer, kind=kind, state=DocumentState.DRAFT)
    payment = Payment(
        customer_id=customer.id, paid_on=date(2026, 8, 1), amount=Decimal(50), currency="EUR"
    )
    payment.allocations.append(PaymentAllocation(document_id=invoice.id, amount=Decimal(50)))
    saved(payment)
    db.session.commit()


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_list_form_and_record_opens(
    app: Flask, sign_in: SignIn, rows: None, language: str
) -> None:
    """L-01, L-22: by declaration, in Spanish and English."""
    client = sign_in(lang=language, is_global_admin=True)
    for endpoint in ENDPOINTS:
        page = client.get(f"/admin/{endpoint}/")
        assert page.status_code == 200, endpoint
        assert f'<html lang="{language}"' in page.text or "<html" in page.text
        new = client.get(f"/admin/{endpoint}/new/")
        assert new.status_code in (200, 403), endpoint
        key = _first_key(page.text)
        if key is None:
            continue
        assert client.get(f"/admin/{endpoint}/details/?id={key}").status_code == 200, endpoint
        edit = client.get(f"/admin/{endpoint}/edit/?id={key}")
        assert edit.status_code in (200, 302, 403), endpoint
        confirm = client.get(f"/admin/{endpoint}/delete/confirm/?id={key}")
        assert confirm.status_code in (200, 403), endpoint


def _first_key(page: str) -> str | None:
    start = page.find('id="r')
    found = page[start + 5 : page.find('"', start + 5)] if start >= 0 else ""
    return found if found.isdigit() else None
