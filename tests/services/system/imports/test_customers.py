"""Customers come from a sheet with their contacts, by number."""

from typing import Any

import pytest
from sqlalchemy import func, select

from models.base import db
from models.people.contact import Contact, ContactSource, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.system.audit_event import AuditEvent
from tests.factories.people import make_contact, make_customer, make_group
from tests.services.system.imports.sheets import customers, places, take_customers

pytestmark = pytest.mark.usefixtures("organization")


def customer_numbered(number: str) -> Customer:
    return db.session.scalars(Customer.numbered(number)).one()


def contacts_of(number: str) -> list[CustomerContact]:
    return list(db.session.scalars(CustomerContact.of_customer(customer_numbered(number))))


def test_a_row_becomes_a_customer_with_a_primary_contact() -> None:
    """L-10"""
    make_group(code="may", name="Mayoristas")
    db.session.commit()

    outcome = take_customers(
        customers(
            {
                "number": "C1",
                "name": "Ferretería La Ñapa",
                "tax_id_type": "NIT",
                "tax_id": "900.482.117-5",
                "group": "MAY",
                "language": "inglés",
                "currency": "cop",
                "contact_name": "Sofía Ñáñez",
                "email": "Sofia@lanapa.test",
                "contact_roles": "billing|statements",
            }
        )
    )

    customer = customer_numbered("C1")
    link = contacts_of("C1")[0]
    assert (outcome.counts.created, outcome.wrong) == (1, [])
    assert (customer.name, customer.tax_id_type, customer.tax_id) == (
        "Ferretería La Ñapa",
        "co.nit",
        "9004821175",
    )
    assert (customer.lang, customer.currency) == ("en", "COP")
    assert customer.customer_group is not None
    assert customer.customer_group.name == "Mayoristas"
    assert (link.is_primary, link.roles) == (True, ["billing", "statements"])
    assert (link.contact.name, link.contact.source) == ("Sofía Ñáñez", ContactSource.IMPORT)
    assert link.contact.emails[0].address_norm == "sofia@lanapa.test"


def test_further_rows_of_a_number_are_further_contacts() -> None:
    outcome = take_customers(
        customers(
            {"email": "a@penafiel.test", "contact_roles": "billing, technical"},
            {"number": "C2", "name": "Otra"},
            {"name": "", "language": "", "currency": "", "email": "b@penafiel.test"},
        )
    )

    assert (outcome.counts.rows, outcome.counts.created) == (3, 2)
    assert [(link.contact.name, link.is_primary) for link in contacts_of("C1")] == [
        ("a@penafiel.test", True),
        ("b@penafiel.test", False),
    ]


def test_what_the_sheet_does_not_say_follows_the_organization(organization: Organization) -> None:
    organization.default_lang, organization.base_currency = "en", "MXN"
    db.session.commit()

    take_customers(customers({"language": "", "currency": ""}))

    customer = customer_numbered("C1")
    assert (customer.lang, customer.currency) == ("en", "MXN")


def test_known_customers_change_where_the_sheet_says_so() -> None:
    make_customer(number="C1", name="Antes", tax_id="123", currency="COP", website="https://a.test")
    make_customer(number="C2", name="Óptica Peñafiel", currency="EUR")
    db.session.commit()

    outcome = take_customers(
        customers({"name": "Después", "currency": ""}, {"number": "C2"}, {"number": "C3"})
    )

    changed = customer_numbered("C1")
    assert (outcome.counts.created, outcome.counts.updated, outcome.counts.unchanged) == (1, 1, 1)
    assert (changed.name, changed.tax_id, changed.currency) == ("Después", "123", "COP")
    assert changed.website == "https://a.test"


def test_the_same_file_again_changes_nothing() -> None:
    file = customers(
        {"contact_name": "Ana", "email": "ana@penafiel.test", "contact_roles": "billing"},
        {"contact_name": "Ana", "email": "ana2@penafiel.test"},
        {"contact_name": "Luis"},
    )
    take_customers(file)

    outcome = take_customers(file)

    counts = outcome.counts
    assert (counts.created, counts.updated, counts.unchanged, outcome.wrong) == (0, 0, 1, [])
    assert len(contacts_of("C1")) == 3


def test_a_known_contact_gets_a_new_address_and_keeps_the_old_one() -> None:
    customer = make_customer(number="C1", name="Óptica Peñafiel")
    make_contact(customer, name="Mercedes Cañadas", email="mercedes@canadas.test")
    db.session.commit()

    outcome = take_customers(
        customers({"contact_name": "mercedes cañadas", "email": "pagos@canadas.test"})
    )

    [link] = contacts_of("C1")
    assert outcome.counts.updated == 1
    assert link.roles == ["billing"]
    assert [(email.address, email.is_default) for email in link.contact.emails] == [
        ("mercedes@canadas.test", False),
        ("pagos@canadas.test", True),
    ]


def test_an_import_leaves_the_primary_contact_in_place() -> None:
    customer = make_customer(number="C1")
    primary_id = make_contact(customer, email="old@penafiel.test").id
    db.session.commit()

    take_customers(customers({"email": "new@penafiel.test"}))

    assert [link.is_primary for link in contacts_of("C1")] == [True, False]
    assert contacts_of("C1")[0].contact_id == primary_id


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"number": ""}, "number"),
        ({"name": ""}, "name"),
        ({"tax_id_type": "NIT", "tax_id": "900.482.117-8"}, "tax_id"),
        ({"tax_id_type": "xx.nope", "tax_id": "1"}, "tax_id_type"),
        ({"group": "nadie"}, "group"),
        ({"language": "klingon"}, "language"),
        ({"currency": "EURO"}, "currency"),
        ({"email": "mjpena#lanapa.test"}, "email"),
        ({"email": "ana@empresa"}, "email"),
        ({"email": "ana@a.test\r\nBcc: x@y.test"}, "email"),
        ({"email": "ana@a.test", "contact_roles": "pagoz"}, "contact_roles"),
        ({"contact_roles": "billing"}, "contact_name"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_wrong_cell_is_named_and_the_others_are_imported(
    cells: dict[str, Any], column: str
) -> None:
    outcome = take_customers(customers({"number": "A"}, {"number": "B", **cells}, {"number": "C"}))

    assert places(outcome) == [(3, column)]
    assert outcome.wrong[0].reason.endswith(".")
    assert sorted(db.session.scalars(select(Customer.number))) == ["A", "C"]


def test_a_customer_with_one_wrong_contact_is_not_imported_at_all() -> None:
    outcome = take_customers(
        customers({"email": "a@a.test"}, {"email": "wrong"}, {"number": "C2", "email": "c@a.test"})
    )

    assert places(outcome) == [(3, "email")]
    assert outcome.held_back == {2: 3}
    assert list(db.session.scalars(select(Customer.number))) == ["C2"]
    assert db.session.scalar(select(func.count(Contact.id))) == 1


@pytest.mark.parametrize(
    ("second", "column"),
    [
        ({"name": "Otra empresa"}, "name"),
        ({"email": "A@a.test"}, "email"),
        ({}, "number"),
    ],
)
def test_a_number_used_twice_is_a_wrong_row(second: dict[str, Any], column: str) -> None:
    outcome = take_customers(customers({"email": "a@a.test"}, second))

    assert places(outcome) == [(3, column)]
    assert outcome.counts.created == 0


def test_groups_are_made_when_asked_for_and_only_with_a_right_row() -> None:
    file = customers(
        {"group": "VIP"},
        {"number": "C2", "group": "vip"},
        {"number": "C3", "group": "no", "email": "wrong"},
    )

    outcome = take_customers(file, create_groups=True)

    assert outcome.counts.created == 2
    assert list(db.session.scalars(select(CustomerGroup.code))) == ["VIP"]


def test_a_heading_that_names_the_tax_id_says_its_type() -> None:
    file = "Número,Razón social,NIT\nC1,La Ñapa,900482117-5\nC2,Otra,900482117-8\n".encode()

    outcome = take_customers(file)

    assert places(outcome) == [(3, "NIT")]
    assert customer_numbered("C1").tax_id_type == "co.nit"


def test_changes_are_audited_as_an_import() -> None:
    make_customer(number="C1", name="Antes")
    db.session.commit()

    take_customers(customers({"name": "Después"}))

    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.source == "import", AuditEvent.entity == "customer")
    ).one()
    assert (event.action, event.reason) == ("update", "hoja.csv")
    assert event.after is not None
    assert event.after["name"] == "Después"
