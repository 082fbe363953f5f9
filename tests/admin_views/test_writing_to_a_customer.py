"""A message begins on the page of a customer, or of a contact (S3-28)."""

import re

import pytest

from models.base import db
from models.people.organization import Organization
from tests.admin_views.conftest import SignIn
from tests.factories.mailbox import make_mailbox
from tests.factories.people import make_contact, make_customer


@pytest.mark.parametrize("record", ["customer", "contact"])
def test_the_button_stands_out_and_names_them(
    sign_in: SignIn, organization: Organization, record: str
) -> None:
    """S3-28: whom it is about stands in the message already."""
    make_mailbox(is_shared=True)
    customer = make_customer(name="Ferretería La Ñapa")
    contact = make_contact(customer, email="sofia@lanapa.test", name="Sofía Ñáñez")
    db.session.commit()
    client = sign_in("clerk")
    key = {"customer": customer.id, "contact": contact.id}[record]

    page = client.get(f"/admin/{record}/details/?id={key}").text
    button = re.search(r'<a class="btn btn-primary" href="([^"]+)">.*?Nuevo mensaje</a>', page)

    assert button
    message = client.get(button[1].replace("&amp;", "&")).text
    assert "Ferretería La Ñapa" in message if record == "customer" else "sofia@lanapa" in message


def test_not_for_who_only_reads(sign_in: SignIn, organization: Organization) -> None:
    customer = make_customer()
    db.session.commit()

    page = sign_in("reader").get(f"/admin/customer/details/?id={customer.id}").text

    assert "Nuevo mensaje" not in page
