"""The e-mails of the portal: by the right level, in the reader's language, from the group's sender, once."""

import pytest
from sqlalchemy import select

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.access_request import AccessRequest
from models.portal.group_portal import GroupPortal
from models.portal.portal_text import PortalTextKind
from models.portal.portal_user import PortalUser
from models.system.audit_event import AuditEvent
from services.people.customer_contacts import ContactLine, contact_lines, write_contacts
from services.portal.group_levels import GroupSettings
from services.portal.portal_emails import (
    access_email,
    access_request_received,
    forgotten_user_name,
    password_reset,
    validation_confirmed,
)
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.portal import make_portal_user
from tests.factories.portal_texts import (
    html_of,
    make_group_portal,
    make_text,
    message_of,
    written,
)
from tests.factories.saving import saved

K = PortalTextKind


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    group = make_group(name="Mayoristas", uses_portal=True)
    make_mail_account(address="oficina@acme.test")
    portal = make_mail_account(address="portal@acme.test", display_name="Portal Acme")
    make_group_portal(group, sender_account_id=portal.id)
    return group


@pytest.fixture
def customer(group: CustomerGroup) -> Customer:
    return make_customer(name="Ferretería La Ñapa", customer_group_id=group.id)


@pytest.fixture
def user(customer: Customer) -> PortalUser:
    contact = make_contact(customer, name="Ñusta Peña", email="nusta@lanapa.test")
    return make_portal_user(customer, contact, login="npena", lang="es")


def test_S0_11_the_subject_is_what_the_group_wrote(
    group: CustomerGroup, user: PortalUser, organization: Organization
) -> None:
    make_text(
        K.ACCESS_EMAIL,
        '<p>Hola, {{ contact.name }}: <a href="{{ access_url }}">entrar</a> {{ expires_on }}</p>',
        group=group,
        subject="Acceso al portal de {{ company.name }} · 5 €",
    )

    key = access_email(user.memberships[0], "https://acme.test/portal/x/invitation/abc")

    [delivery] = written()
    message = message_of(delivery)
    assert delivery.id == key
    assert message["Subject"] == f"Acceso al portal de {organization.name} · 5 €"
    assert message["To"] == "Ñusta Peña <nusta@lanapa.test>"
    assert 'href="https://acme.test/portal/x/invitation/abc"' in html_of(delivery)
    plain = message.get_body(("plain",))
    assert plain is not None  # S0-12: a text part is made
    assert "https://acme.test/portal/x/invitation/abc" in plain.get_content()


def test_S0_08_every_notice_leaves_from_the_groups_sender(user: PortalUser) -> None:
    password_reset(user, "https://acme.test/x")
    forgotten_user_name(user.email, [user])
    validation_confirmed(user.memberships[0])

    for delivery in written():
        assert message_of(delivery)["From"] == "Portal Acme <portal@acme.test>"
        assert delivery.envelope_from == "portal@acme.test"


def test_S0_02_nothing_leaves_for_a_group_without_the_portal(
    group: CustomerGroup, user: PortalUser
) -> None:
    group.uses_portal = False
    db.session.flush()

    assert access_email(user.memberships[0], "https://acme.test/x") is None
    assert validation_confirmed(user.memberships[0]) is None
    assert password_reset(user, "https://acme.test/x") is None
    assert written() == []


def test_S0_07_a_request_goes_to_the_groups_address(group: CustomerGroup) -> None:
    make_group_portal(access_requests_to="empresa@acme.test")
    row = saved(
        AccessRequest(
            customer_group_id=group.id,
            email="ana@x.test",
            email_norm="ana@x.test",
            name="Ana",
            company_name="Óptica Sur",
            tax_id="900373115",
            answers={"1": {"question": "¿De dónde nos conoce?", "answer": "Feria"}},
        )
    )

    access_request_received(row)

    [delivery] = written()
    assert delivery.recipient == "empresa@acme.test"  # the group says none
    html = html_of(delivery)
    for words in ("Ana", "Óptica Sur", "900373115", "Feria", f"/access-requests/{row.public_id}"):
        assert words in html


def test_S0_13_the_confirmation_is_sent_once(user: PortalUser) -> None:
    assert validation_confirmed(user.memberships[0]) is not None
    assert validation_confirmed(user.memberships[0]) is None
    assert [delivery.recipient for delivery in written()] == ["nusta@lanapa.test"]


def test_S0_24_all_user_names_of_the_address(user: PortalUser, customer: Customer) -> None:
    other = make_portal_user(customer, make_contact(customer, is_primary=False), login="ventas2")

    forgotten_user_name("nusta@lanapa.test", [user, other])

    assert "npena, ventas2" in html_of(written()[0])


def test_X0_10_in_the_readers_language(group: CustomerGroup, user: PortalUser) -> None:
    make_text(K.VALIDATION_CONFIRMED, "<p>Bienvenida</p>", group=group, lang="es")
    user.lang = "en"
    db.session.flush()

    validation_confirmed(user.memberships[0])

    assert "is confirmed" in html_of(written()[0])  # nobody wrote an English one: the product's


def says(group: CustomerGroup) -> GroupPortal:
    row = GroupSettings(group).own
    assert row is not None
    return row


def primary_to(customer: Customer, contact: Contact) -> None:
    """Staff choose another primary contact."""
    lines = contact_lines(customer)
    write_contacts(
        customer,
        [
            ContactLine(line.id, line.name, line.email, line.roles, line.contact_id == contact.id)
            for line in lines
        ],
    )


def test_S0_17_the_new_primary_contact_is_told(group: CustomerGroup, customer: Customer) -> None:
    """S0-17, S0-21: both, once each, in the transaction of the change."""
    make_contact(customer, name="Ana", email="ana@x.test")
    new = make_contact(customer, name="Beto", email="beto@x.test", is_primary=False)
    row = says(group)
    row.tells_new_primary = row.tells_previous_primary = True
    make_text(
        K.NEW_PRIMARY,
        "<p>{{ new_primary }} por {{ previous_primary }} en {{ company }}, {{ changed_by }}</p>",
        group=group,
    )
    db.session.commit()

    primary_to(customer, new)
    assert [delivery.recipient for delivery in written()] == ["beto@x.test", "ana@x.test"]
    assert "Beto por Ana en Ferretería La Ñapa, test" in html_of(written()[0])

    db.session.rollback()
    assert written() == []


def test_S0_17_off_nobody_is_told(customer: Customer) -> None:
    make_contact(customer, email="ana@x.test")
    new = make_contact(customer, email="beto@x.test", is_primary=False)

    primary_to(customer, new)
    primary_to(customer, new)  # and nothing is no change

    assert written() == []


def test_S0_21_who_has_no_address_is_noted(group: CustomerGroup, customer: Customer) -> None:
    make_contact(customer, name="Ana", email=None)
    new = make_contact(customer, email="beto@x.test", is_primary=False)
    says(group).tells_previous_primary = True
    db.session.flush()

    primary_to(customer, new)

    assert written() == []
    [event] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "mail_skipped"))
    assert event.after is not None
    assert (event.after["contact"], event.after["reason"]) == ("Ana", "no_address")


def test_S0_21_who_was_taken_out_is_told(group: CustomerGroup, customer: Customer) -> None:
    make_contact(customer, name="Ana", email="ana@x.test")
    make_contact(customer, name="Beto", email="beto@x.test", is_primary=False)
    says(group).tells_previous_primary = True
    db.session.flush()
    link = db.session.scalars(select(CustomerContact).where(CustomerContact.is_primary)).one()

    write_contacts(customer, [], removed=[link.id])

    assert [delivery.recipient for delivery in written()] == ["ana@x.test"]


def test_X0_02_the_primary_contact_hears_of_another_one(
    group: CustomerGroup, customer: Customer
) -> None:
    """X0-02: only where somebody has written what it says; in the transaction of the change."""
    make_contact(customer, name="Ñusta Peña", email="nusta@lanapa.test", lang="es")
    new = ContactLine(None, "Óscar Ibáñez", "oscar@lanapa.test", (), False)
    write_contacts(customer, [*contact_lines(customer), new])
    assert written() == []
    make_text(
        K.SECONDARY_ADDED,
        "<p>{{ changed_by }} añadió a {{ new_contact }} el {{ date }}</p>",
        subject="Otro contacto en {{ company }}",
    )

    newer = ContactLine(None, "María José Peña", "mj@lanapa.test", (), False)
    write_contacts(customer, [*contact_lines(customer), newer])

    [delivery] = written()
    message = message_of(delivery)
    assert (message["To"], message["Subject"]) == (
        "Ñusta Peña <nusta@lanapa.test>",
        "Otro contacto en Ferretería La Ñapa",
    )
    assert message["From"] == "Portal Acme <portal@acme.test>"
    assert "María José Peña" in html_of(delivery)
    db.session.rollback()
    assert written() == []
