"""The contacts of a customer, as lines of the customer's form."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.contact import Contact, ContactEmail, CopyMode, CustomerContact
from models.people.customer import Customer
from models.people.role import Permission, Role
from models.system.audit_event import AuditEvent
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_records import fresh, open_form, save
from tests.factories.admin import Rows
from tests.factories.people import make_contact, make_customer


def contacts(key: int) -> list[tuple[str, list[str], list[str], bool]]:
    """Name, addresses, roles and whether primary, in the order in which they came."""
    db.session.rollback()
    db.session.expire_all()
    query = select(CustomerContact).where(CustomerContact.customer_id == key)
    return [
        (link.contact.name, [e.address for e in link.contact.emails], link.roles, link.is_primary)
        for link in db.session.scalars(query.order_by(CustomerContact.id))
    ]


def changed(client: FlaskClient, key: int, **fields: Any) -> Any:
    """Save the customer's form with these fields; two underscores stand for a dash."""
    form: dict[str, Any] = dict(open_form(client, "customer", key))
    form |= {name.replace("__", "-"): value for name, value in fields.items()}
    return save(client, "customer", key, form)


def test_contacts_are_added_changed_and_taken_out(app: Flask, sign_in: SignIn) -> None:
    """L-01: name, address, roles and the primary one, where one works: at the customer."""
    client = sign_in("clerk", lang="en")
    key = make_customer(name="Óptica Peñafiel").id
    db.session.commit()
    answer = changed(
        client,
        key,
        contacts__0__name="Sofía Ñáñez",
        contacts__0__email="sofia@example.com",
        contacts__0__roles=["billing", "statements"],
        contacts__3__name="Óscar Ibáñez",
        contacts__3__roles=["technical"],
        contacts__primary="3",
    )
    assert answer.status_code == 302, answer.text
    assert contacts(key) == [
        ("Sofía Ñáñez", ["sofia@example.com"], ["billing", "statements"], False),
        ("Óscar Ibáñez", [], ["technical"], True),
    ]
    page = client.get(f"/admin/customer/details/?id={key}").text
    assert "Sofía Ñáñez" in page
    assert "Billing, Statements" in page

    form = open_form(client, "customer", key)
    assert [form["contacts-0-name"], form["contacts-primary"]] == ["Óscar Ibáñez", "0"]
    answer = changed(
        client,
        key,
        contacts__0__email="oscar@example.com",
        contacts__1__name="Sofía N. Echeverri",
        contacts__1__email="SOFIA@example.org",
        contacts__1__roles=["billing"],
        contacts__primary="1",
    )
    assert answer.status_code == 302
    assert contacts(key) == [
        ("Sofía N. Echeverri", ["SOFIA@example.org"], ["billing"], True),
        ("Óscar Ibáñez", ["oscar@example.com"], ["technical"], False),
    ]
    norm = select(ContactEmail.address_norm).where(ContactEmail.address.ilike("sofia%"))
    assert db.session.scalars(norm).all() == ["sofia@example.org"]

    answer = changed(client, key, del__contacts__0="on")
    assert answer.status_code == 302
    assert contacts(key) == [("Óscar Ibáñez", ["oscar@example.com"], ["technical"], True)]
    people = select(Contact.name).order_by(Contact.name)
    assert db.session.scalars(people).all() == ["Sofía N. Echeverri", "Óscar Ibáñez"]


def test_a_new_customer_comes_with_its_contacts(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    form = {
        "number": "N-1",
        "name": "New",
        "currency": "EUR",
        "lang": "es",
        "payment_terms_days": "30",
        "contacts-0-name": "Ana",
        "contacts-0-email": "ana@example.com",
        "contacts-1-name": "",
    }
    answer = client.post("/admin/customer/new/", data=form)
    assert answer.status_code == 302, answer.text
    key = int(answer.location.rpartition("=")[2])
    assert contacts(key) == [("Ana", ["ana@example.com"], [], True)]


def test_the_same_person_at_another_customer_is_the_same_person(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    """Known by name and address together; twice at one customer is refused."""
    client = sign_in("clerk", lang="en")
    first, second = rows.records["customer"], make_customer()
    person = make_contact(second, name="Ana Peña", email="ana@example.com")
    contact_id = person.id
    key = first.id
    db.session.commit()
    added = {"contacts__7__name": "ana peña", "contacts__7__email": "ANA@example.com"}
    assert changed(client, key, **added).status_code == 302
    link = select(CustomerContact.contact_id).where(CustomerContact.customer_id == key)
    assert contact_id in db.session.scalars(link).all()
    again = changed(client, key, **added)
    assert again.status_code == 422
    assert "is a contact of this customer already" in again.text


def test_wrong_contacts_are_told_at_their_place(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    client = sign_in("clerk", lang="en")
    key = rows.keys["customer"]
    answer = changed(client, key, contacts__0__email="oscar example.com")
    assert answer.status_code == 422
    assert 'id="contacts-0-email-error"' in answer.text
    nameless = changed(client, key, contacts__4__email="x@example.com")
    assert nameless.status_code == 422
    assert 'id="contacts-4-name-error"' in nameless.text


def test_another_customers_contact_is_refused(
    app: Flask, sign_in: SignIn, rows: Rows, foreign: Rows
) -> None:
    """T1: keys of lines from elsewhere neither change nor move them."""
    client = sign_in("clerk", lang="en")
    other = make_customer()
    make_contact(other, name="Theirs")
    stranger = db.session.scalars(CustomerContact.of_customer(other)).one().id
    other_id, key = other.id, rows.keys["customer"]
    db.session.commit()
    before = contacts(key)
    for wrong in (str(stranger), str(foreign.keys["customer_contact"]), "9" * 18, "x"):
        answer = changed(client, key, contacts__0__id=wrong, contacts__0__name="Taken")
        assert answer.status_code == 422, wrong
    assert contacts(key) == before
    assert contacts(other_id)[0][0] == "Theirs"


def test_a_change_of_contacts_counts_for_the_lock(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-20: and one of each keeps what the other did not touch."""
    client = sign_in("clerk", lang="en")
    key = rows.keys["customer"]
    first, second = open_form(client, "customer", key), open_form(client, "customer", key)
    assert save(client, "customer", key, first | {"contacts-0-name": "A"}).status_code == 302
    assert save(client, "customer", key, second | {"contacts-0-name": "B"}).status_code == 409
    assert contacts(key)[0][0] == "A"
    untouched = open_form(client, "customer", key)
    version = fresh(Customer, key).version
    roles = {"contacts-0-roles": ["billing"]}
    assert save(client, "customer", key, {**untouched, **roles}).status_code == 302
    assert fresh(Customer, key).version == version


def test_who_may_not_change_people_sees_no_contacts_in_the_form(
    app: Flask, sign_in: SignIn, rows: Rows
) -> None:
    """L-25: the lines change people, so they ask the rights on people."""
    role = db.session.scalars(select(Role).where(Role.code == "clerk")).one()
    denial = Permission(role_id=role.id, resource="contact", action="edit", denied=True)
    db.session.add(denial)
    db.session.commit()
    denial_id = denial.id
    try:
        client = sign_in("clerk", lang="en")
        key = rows.keys["customer"]
        before = contacts(key)
        form = open_form(client, "customer", key)
        assert not [name for name in form if name.startswith("contacts")]
        sneaked = form | {"contacts-9-name": "Sneaked in"}
        assert save(client, "customer", key, sneaked).status_code == 302
        assert contacts(key) == before
    finally:
        db.session.delete(db.session.get_one(Permission, denial_id))
        db.session.commit()


def test_contacts_are_audited(app: Flask, sign_in: SignIn, rows: Rows) -> None:
    """L-12: the person and the link tell what was changed, and by whom."""
    client = sign_in("clerk", lang="en", name="Lucía")
    key = rows.keys["customer"]
    assert changed(client, key, contacts__0__name="New name").status_code == 302
    query = select(AuditEvent).where(AuditEvent.entity == "contact").order_by(AuditEvent.id.desc())
    event = db.session.scalars(query.limit(1)).one()
    assert (event.actor_name, event.after) == ("Lucía", {"name": "New name"})


def test_how_a_contact_gets_mailings_is_a_field_of_its_line(sign_in: SignIn) -> None:
    """X1-07: by roles, always a copy, a blind copy, or never; who says nothing about it changes nothing."""
    client = sign_in("clerk", lang="en")
    customer = make_customer()
    make_contact(customer, name="Ana", cc_mode=CopyMode.BCC)
    db.session.commit()
    key = customer.id
    page = client.get(f"/admin/customer/edit/?id={key}").text
    answer = changed(
        client,
        key,
        contacts__0__cc_mode="none",
        contacts__5__name="Bea",
        contacts__5__cc_mode="cc",
    )
    modes = select(CustomerContact.cc_mode).where(CustomerContact.customer_id == key)

    assert "Gets mailings" in page and "Always a blind copy" in page
    assert answer.status_code == 302, answer.text
    assert list(db.session.scalars(modes.order_by(CustomerContact.id))) == ["none", "cc"]
    assert "Always a copy" in client.get(f"/admin/customer/details/?id={key}").text

    changed(client, key, contacts__0__name="Ana María")
    assert list(db.session.scalars(modes.order_by(CustomerContact.id))) == ["none", "cc"]
