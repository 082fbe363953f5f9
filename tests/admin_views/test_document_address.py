"""The address in a document's QR."""

import uuid

from flask import Flask

from models.base import db
from models.people.organization import Organization
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_customer, make_organization
from tests.factories.portal import portal_name
from tests.factories.sales import make_document


def test_staff_are_led_to_the_record(sign_in: SignIn, organization: Organization) -> None:
    invoice = make_document(make_customer())
    db.session.commit()
    key, address = invoice.id, f"/d/{invoice.public_id}"

    answer = sign_in("clerk").get(address)

    assert answer.status_code == 302
    assert answer.location.endswith(f"/admin/invoice/details/?id={key}")


def test_another_organizations_document_is_unknown(
    sign_in: SignIn, organization: Organization
) -> None:
    theirs = make_organization()
    with acting_in(theirs.id):
        invoice = make_document(make_customer())
    db.session.commit()
    address = f"/d/{invoice.public_id}"

    assert sign_in("clerk").get(address).status_code == 404


def test_a_customer_who_scans_it_comes_to_the_portal(
    app: Flask, organization: Organization
) -> None:
    """Pains A-1: paper is held by customers, for whom the staff's door is none."""
    invoice = make_document(make_customer())
    db.session.commit()
    page = f"/portal/{portal_name()}/documents/{invoice.public_id}"

    answer = app.test_client().get(f"/d/{invoice.public_id}")

    assert answer.status_code == 302
    assert answer.location == page
    asked = app.test_client().get(page)
    assert asked.status_code == 302
    assert "/sign-in" in asked.location


def test_an_unknown_document_leads_to_the_staffs_door(
    app: Flask, organization: Organization
) -> None:
    answer = app.test_client().get(f"/d/{uuid.uuid4()}")

    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")
