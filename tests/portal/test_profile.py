"""S2-13 to S2-16, X0-02: customers look after their own data, as far as the portal lets them."""

import pytest
from sqlalchemy import select, update

from errors import Invalid
from models.base import db
from models.people.contact import CustomerContact
from models.people.customer import Address, AddressKind
from models.portal.portal_event import PortalEvent
from models.portal.portal_settings import PortalSettings
from models.portal.portal_text import PortalText, PortalTextKind
from models.sales.payment_method import SavedPaymentMethod
from services.sales.payment_methods import keep_method
from services.sales.payment_providers import KeptCard, PracticeProvider
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document

ADDRESS = {
    "kind": "shipping",
    "street": "Bodega Itagüí, Cra. 50 n.º 31-08",
    "postcode": "055412",
    "city": "Itagüí",
    "region": "Antioquia",
    "country": "CO",
}
DATA = {"name": "Sofía Ñáñez Echeverri", "job_title": "Pagos", "phone": "", "lang": "en"}


def allow(**settings):
    db.session.execute(update(PortalSettings).values(**settings))
    db.session.commit()


def kinds():
    return db.session.scalars(select(PortalEvent.kind).order_by(PortalEvent.id)).all()


def make_address(customer, kind=AddressKind.BILLING):
    address = Address(
        customer_id=customer.id, kind=kind, street="Calle 45", city="Medellín", country="CO"
    )
    db.session.add(address)
    db.session.commit()
    return address


def contact_of(window):
    return window.user.memberships[0].contact


@pytest.fixture
def practice(settings, application, monkeypatch):
    """An installation with the provider to practise with."""
    from dataclasses import replace

    monkeypatch.setitem(application.extensions, "settings", replace(settings, ventanilla_demo=True))


def test_S2_14_own_data_are_changed_and_the_user_is_called_so(stand):
    window = stand()

    answer = window.submit("/profile", DATA, form_at="/profile")

    assert answer.status_code == 303
    contact = contact_of(window)
    db.session.refresh(contact)
    db.session.refresh(window.user)
    assert (contact.name, contact.job_title, contact.lang) == (
        "Sofía Ñáñez Echeverri",
        "Pagos",
        "en",
    )
    assert (window.user.name, window.user.lang) == ("Sofía Ñáñez Echeverri", "en")
    assert kinds() == ["edited_profile"]
    assert "My data" in window.get("/profile").text  # in the language of their choice


@pytest.mark.parametrize(
    ("change", "place"),
    [({"name": " "}, "name"), ({"phone": "abc"}, "phone"), ({"lang": "xx"}, "lang")],
)
def test_what_is_wrong_is_told_at_its_field(stand, change, place):
    window = stand()

    refused = window.submit("/profile", {**DATA, **change}, form_at="/profile")

    assert refused.status_code == 422
    assert f'id="{place}-problem"' in refused.text
    assert kinds() == []


def test_X0_02_the_company_says_what_it_wrote_for_this(stand):
    window = stand()
    db.session.add(
        PortalText(kind=PortalTextKind.CONTACT_UPDATED, lang="es", body_html="<p>Lo revisamos.</p>")
    )
    db.session.commit()

    window.submit("/profile", {**DATA, "lang": "es"}, form_at="/profile")

    assert "Lo revisamos." in window.get("/profile").text


def test_S2_13_what_is_off_is_read_only_and_forbidden(stand):
    window = stand()
    address = make_address(window.customer)
    allow(allow_profile_edit=False, allow_address_edit=False, allow_card_edit=False)

    page = window.get("/profile").text
    statuses = [
        window.submit(path, fields, form_at="/profile").status_code
        for path, fields in (
            ("/profile", DATA),
            ("/profile/addresses/new", ADDRESS),
            (f"/profile/addresses/{address.id}", ADDRESS),
            (f"/profile/addresses/{address.id}/remove", {}),
        )
    ]

    assert 'name="job_title"' not in page
    assert "/profile/addresses" not in page
    assert "Calle 45" in page
    assert statuses == [403] * 4
    assert kinds() == []


def test_S2_15_addresses_change_and_issued_documents_keep_theirs(stand):
    window = stand()
    address = make_address(window.customer)
    invoice = make_document(window.customer)
    invoice_says = dict(invoice.bill_to)
    db.session.commit()

    added = window.submit("/profile/addresses/new", ADDRESS, form_at="/profile/addresses/new")
    changed = window.submit(
        f"/profile/addresses/{address.id}",
        {**ADDRESS, "kind": "billing", "street": "Carrera 11"},
        form_at=f"/profile/addresses/{address.id}",
    )

    assert (added.status_code, changed.status_code) == (303, 303)
    db.session.expire_all()
    rows = db.session.scalars(select(Address).order_by(Address.id)).all()
    assert [(row.kind, row.street) for row in rows] == [
        ("billing", "Carrera 11"),
        ("shipping", ADDRESS["street"]),
    ]
    assert invoice.bill_to == invoice_says
    assert kinds() == ["edited_address"] * 2


def test_the_last_billing_address_stays(stand):
    window = stand()
    billing, shipping = (make_address(window.customer, kind) for kind in list(AddressKind)[:2])

    statuses = [
        window.submit(
            f"/profile/addresses/{each.id}/remove", {}, form_at=f"/profile/addresses/{each.id}"
        ).status_code
        for each in (billing, shipping)
    ]

    assert statuses == [409, 303]
    assert [row.id for row in db.session.scalars(select(Address))] == [billing.id]


@pytest.mark.parametrize("change", [{"street": " "}, {"country": "XX"}, {"kind": "x"}])
def test_an_address_that_is_none_is_refused(stand, change):
    window = stand()

    refused = window.submit(
        "/profile/addresses/new", {**ADDRESS, **change}, form_at="/profile/addresses/new"
    )

    assert refused.status_code == 422
    assert db.session.scalars(select(Address)).all() == []


def test_somebody_elses_addresses_and_cards_do_not_exist(stand):
    window = stand()
    allow(allow_card_edit=True)
    other = make_customer()
    address = make_address(other)
    card = KeptCard(token="tok_1", brand="Visa", last4="1111")
    method = keep_method(other, PracticeProvider(), card, ip=None)
    db.session.commit()

    assert window.get(f"/profile/addresses/{address.id}").status_code == 404
    for path in (
        f"/profile/addresses/{address.id}",
        f"/profile/addresses/{address.id}/remove",
        f"/profile/payment-methods/{method.id}/default",
        f"/profile/payment-methods/{method.id}/remove",
    ):
        assert window.submit(path, ADDRESS, form_at="/profile").status_code == 404, path
    db.session.refresh(address)
    assert address.street == "Calle 45"
    assert len(db.session.scalars(select(SavedPaymentMethod)).all()) == 1


def test_contacts_are_named_with_their_roles(stand):
    window = stand()
    colleague = make_contact(window.customer, name="Óscar Ibáñez", is_primary=False)
    strange = make_contact(make_customer(), name="Zurrapa")
    db.session.commit()
    assert strange.id
    assert db.session.scalars(select(CustomerContact)).all()

    page = window.get("/profile").text

    assert colleague.name in page
    assert "Zurrapa" not in page
    assert "Principal" in page


def test_S2_16_a_card_is_kept_as_a_token(stand, practice):
    window = stand()
    allow(allow_card_edit=True)
    where = "/profile/payment-methods/practice"
    back = f"{where}?reference=practice-{window.customer.number}"

    looked = window.get(back)
    assert "4242" in looked.text
    assert db.session.scalars(select(SavedPaymentMethod)).all() == []  # looking keeps nothing
    kept = window.submit(where, {"reference": f"practice-{window.customer.number}"}, form_at=back)

    assert kept.status_code == 303
    method = db.session.scalars(select(SavedPaymentMethod)).one()
    assert (method.brand, method.last4, method.is_default) == ("Visa", "4242", True)
    assert "4242" in window.get("/profile").text
    removed = window.submit(f"/profile/payment-methods/{method.id}/remove", form_at="/profile")
    assert removed.status_code == 303
    assert db.session.scalars(select(SavedPaymentMethod)).all() == []
    assert kinds() == ["changed_payment_method"] * 2


def test_S2_16_a_reference_of_somebody_else_is_refused(stand, practice):
    window = stand()
    allow(allow_card_edit=True)
    where = "/profile/payment-methods/practice"

    answer = window.submit(where, {"reference": "practice-other"}, form_at=where)

    assert answer.status_code == 422
    assert db.session.scalars(select(SavedPaymentMethod)).all() == []


def test_S2_16_a_number_of_a_card_is_never_kept(organization):
    card = KeptCard(token="4242 4242 4242 4242", brand="Visa", last4="4242")
    with pytest.raises(Invalid):
        keep_method(make_customer(), PracticeProvider(), card, ip=None)


def test_S2_16_without_a_provider_there_is_nothing_to_see(stand):
    window = stand()
    allow(allow_card_edit=True)

    assert 'id="methods"' not in window.get("/profile").text
    assert window.get("/profile/payment-methods/practice").status_code == 404


def test_who_only_reads_changes_nothing_of_the_customers(stand):
    window = stand(roles=("readonly",), is_primary=False)

    assert window.submit("/profile/addresses/new", ADDRESS, form_at="/profile").status_code == 403
    assert window.submit("/profile", DATA, form_at="/profile").status_code == 303
