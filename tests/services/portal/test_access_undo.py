"""Mockup 15: that somebody was let in can be taken back for a moment; nobody is told before, and nothing is left of it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, update

from errors import Conflict
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.portal.access_request import RequestState
from models.portal.portal_session import PortalSession
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import Actor, Scope, enter
from services.portal.access_decisions import approve
from services.portal.access_undo import HELD, can_be_taken_back, take_back
from services.portal.portal_sessions import open_session, stand_at
from tests.factories.people import make_contact, make_customer, make_mail_account, make_user
from tests.factories.portal import make_access_request, make_portal_user
from tests.factories.saving import saved

ROWS = (Contact, ContactEmail, CustomerContact, PortalMembership, PortalUser, Delivery)


@pytest.fixture
def customer(organization):
    user = make_user(organization)
    actor = Actor(kind="user", id=user.id, name=user.name, source="ui")
    enter(Scope(organization_id=organization.id, actor=actor))
    make_mail_account()
    return make_customer(name="Almacenes Güemes")


def rows():
    return {each: db.session.scalar(select(func.count()).select_from(each)) for each in ROWS}


def let_in(customer, *, contact_id=None, roles=("billing",)):
    request = make_access_request()
    before = rows()
    approve(request.id, customer, contact_id=contact_id, roles=roles)
    db.session.commit()
    return request, before


def test_what_is_told_waits_for_the_moment_to_be_over(customer):
    let_in(customer)

    state = db.session.scalars(select(DeliveryState)).one()
    assert state.state is DeliveryStatus.QUEUED
    assert timedelta(0) < state.not_before - utc_now() <= HELD


def test_a_stranger_is_a_stranger_again(customer):
    request, before = let_in(customer)
    assert can_be_taken_back(request) and rows() != before

    take_back(request.id)
    db.session.commit()

    assert rows() == before
    assert request.state is RequestState.PENDING_VALIDATION
    assert (request.decided_at, request.decided_by_id, request.portal_membership_id) == (None,) * 3


def test_they_are_let_in_elsewhere_afterwards_and_told_then(customer):
    request, _before = let_in(customer)
    take_back(request.id)
    other = make_customer(name="Almacenes Güemes del Sur")

    membership = approve(request.id, other, contact_id=None, roles=["billing"])
    db.session.commit()

    assert (membership.customer_id, membership.state) == (other.id, MembershipState.VALIDATED)
    assert db.session.scalars(select(Delivery.customer_id)).all() == [other.id]


def test_a_contact_and_a_user_of_before_stay_as_they_were(customer):
    contact = make_contact(customer, email="otra@guemes.test", roles=("statements",))
    elsewhere = make_customer()
    make_portal_user(elsewhere, make_contact(elsewhere, email="teresa@guemes.test"))
    request, before = let_in(customer, contact_id=contact.id)
    assert sorted(each.address for each in contact.emails) == [
        "otra@guemes.test",
        "teresa@guemes.test",
    ]

    take_back(request.id)
    db.session.commit()

    assert rows() == before
    db.session.expire_all()
    assert [each.address for each in contact.emails] == ["otra@guemes.test"]
    link = db.session.scalars(
        select(CustomerContact).where(CustomerContact.contact_id == contact.id)
    ).one()
    assert link.roles == ["statements"]


def test_it_is_too_late_once_the_moment_is_over(customer):
    request, _before = let_in(customer)

    with time_machine.travel(utc_now() + HELD + timedelta(seconds=1), tick=False):
        assert not can_be_taken_back(request)
        with pytest.raises(Conflict):
            take_back(request.id)


def test_it_is_too_late_once_they_are_told(customer):
    request, _before = let_in(customer)
    db.session.execute(update(DeliveryState).values(state=DeliveryStatus.SENDING))

    with pytest.raises(Conflict):
        take_back(request.id)


def test_it_is_too_late_once_they_are_in(customer):
    request, _before = let_in(customer)
    db.session.execute(update(PortalUser).values(last_signed_in_at=utc_now()))
    db.session.expire_all()

    with pytest.raises(Conflict):
        take_back(request.id)


def test_it_is_too_late_once_they_have_come_over_from_another_customer(customer):
    elsewhere = make_customer()
    user = make_portal_user(elsewhere, make_contact(elsewhere, email="teresa@guemes.test"))
    open_session(user, user.memberships[0], hours=4, ip=None, user_agent=None)
    request, _before = let_in(customer)
    session = db.session.scalars(select(PortalSession)).one()
    stand_at(session.id, db.session.get_one(PortalMembership, request.portal_membership_id))

    with pytest.raises(Conflict):
        take_back(request.id)


def test_what_others_made_of_them_meanwhile_stays(customer):
    request, _before = let_in(customer)
    membership = db.session.get_one(PortalMembership, request.portal_membership_id)
    elsewhere = make_customer()
    link = saved(
        CustomerContact(customer_id=elsewhere.id, contact_id=membership.contact_id, is_primary=True)
    )
    other = saved(
        PortalMembership(
            portal_user_id=membership.portal_user_id,
            customer_id=elsewhere.id,
            contact_id=link.contact_id,
            state=MembershipState.VALIDATED,
            validated_at=utc_now(),
        )
    )
    db.session.commit()

    take_back(request.id)
    db.session.commit()

    db.session.expire_all()
    assert db.session.scalars(select(PortalMembership)).all() == [other]
    assert db.session.scalars(select(CustomerContact)).all() == [link]
    assert (other.portal_user.email, link.contact.name) == ("teresa@guemes.test", request.name)


def test_it_is_too_late_once_they_have_asked_for_more(customer):
    """Another request of theirs is open by now, and there is one at a time only."""
    request, _before = let_in(customer)
    make_access_request()
    db.session.commit()

    with pytest.raises(Conflict):
        take_back(request.id)
    db.session.rollback()
    assert request.state is RequestState.VALIDATED


def test_only_who_decided_takes_it_back(customer, organization):
    request, _before = let_in(customer)
    other = make_user(organization)
    actor = Actor(kind="user", id=other.id, name=other.name, source="ui")
    enter(Scope(organization_id=organization.id, actor=actor))

    with pytest.raises(Conflict):
        take_back(request.id)


def test_who_was_a_member_before_is_not_taken_back(customer):
    contact = make_contact(customer, email="teresa@guemes.test")
    make_portal_user(customer, contact)

    request, _before = let_in(customer, contact_id=contact.id)

    assert not can_be_taken_back(request)
