"""The address in a document's QR."""

from models.base import db
from models.people.organization import Organization
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.people import make_customer, make_organization
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
