"""Who has not begun yet: S0-10, X0-11."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from errors import Conflict
from models.base import db, utc_now
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.people.organization import Organization
from models.portal.group_portal import GroupPortal
from models.portal.portal_user import PortalMembership
from services.portal.invitations import invite
from services.portal.representatives import (
    add_representative,
    count_never_written_to,
    write_to_all_who_have_not_begun,
    write_to_who_have_not_begun,
)
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.portal_texts import make_group_portal, written


@pytest.fixture
def group(organization: Organization) -> CustomerGroup:
    make_mail_account()
    return make_group(name="Mayoristas", uses_portal=True)


@pytest.fixture
def says(group: CustomerGroup) -> GroupPortal:
    return make_group_portal(group, invites_at_once=False, reminder_days=[3, 10])


@pytest.fixture
def customer(group: CustomerGroup) -> Customer:
    return make_customer(customer_group_id=group.id)


def link_of(contact: Contact) -> CustomerContact:
    return db.session.scalars(
        select(CustomerContact).where(CustomerContact.contact_id == contact.id)
    ).one()


def three(customer: Customer) -> list[PortalMembership]:
    contacts = [
        make_contact(customer, email=f"{name}@x.test", is_primary=name == "ana")
        for name in ("ana", "beto", "caro")
    ]
    return [add_representative(link_of(contact)) for contact in contacts]


def receivers() -> list[str]:
    return [delivery.recipient for delivery in written()]


def test_S0_10_exactly_those_who_never_started_get_it_once(
    says: GroupPortal, group: CustomerGroup, customer: Customer
) -> None:
    ana, _beto, _caro = three(customer)
    ana.started_at = utc_now()
    db.session.flush()
    assert receivers() == []  # the box is off
    assert write_to_who_have_not_begun() == 0

    says.invites_at_once = True
    assert count_never_written_to(group) == 3 - 1
    assert write_to_who_have_not_begun() == 2
    assert write_to_who_have_not_begun() == 0

    assert receivers() == ["beto@x.test", "caro@x.test"]


def test_S0_10_right_after_creation(says: GroupPortal, customer: Customer) -> None:
    says.invites_at_once = True
    contact = make_contact(customer, email="ana@x.test")

    add_representative(link_of(contact))

    assert receivers() == ["ana@x.test"]
    assert write_to_who_have_not_begun() == 0
    with pytest.raises(Conflict):
        add_representative(link_of(contact))


def test_S0_02_not_for_a_group_without_the_portal(
    says: GroupPortal, group: CustomerGroup, customer: Customer
) -> None:
    three(customer)
    says.invites_at_once = True
    group.uses_portal = False
    db.session.flush()

    assert write_to_who_have_not_begun() == 0
    assert count_never_written_to(group) == 2 + 1


def test_X0_11_reminders_by_the_schedule(says: GroupPortal, customer: Customer) -> None:
    says.invites_at_once = True
    membership = add_representative(link_of(make_contact(customer, email="ana@x.test")))
    assert membership.invited_at is not None
    first = membership.invited_at

    for days, mails in ((2, 1), (3, 2), (4, 2), (10, 3), (99, 3)):
        membership.invited_at = utc_now() - timedelta(days=days, minutes=1)
        write_to_who_have_not_begun()
        assert len(written()) == mails, days

    membership.invited_at = first
    invite(link_of(db.session.get_one(Contact, membership.contact_id)))
    assert membership.reminders_sent == 0  # the schedule begins again


def test_the_job_runs_in_every_organization(says: GroupPortal, customer: Customer) -> None:
    three(customer)
    says.invites_at_once = True
    db.session.commit()

    assert write_to_all_who_have_not_begun() == 3
    assert write_to_all_who_have_not_begun() == 0
