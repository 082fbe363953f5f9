"""Visits of a customer to the portal: what one person does on one day is one."""

from datetime import UTC, datetime

import pytest
import time_machine

from models.base import db
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from services.people.portal_visits import last_visit, visits_this_month
from tests.factories.people import make_contact, make_customer
from tests.factories.portal import make_portal_user
from tests.factories.saving import saved

BOGOTA = "America/Bogota"


def visited(customer, user, *at, actor=EventActor.PORTAL_USER):
    """Events at these moments of universal time: (month, day, hour)."""
    for month, day, hour in at:
        saved(
            PortalEvent(
                customer_id=customer.id,
                kind=PortalEventKind.VIEWED,
                actor=actor,
                portal_user_id=user.id if actor is EventActor.PORTAL_USER else None,
                actor_name=user.name,
                at=datetime(2026, month, day, hour, tzinfo=UTC),
            )
        )


@pytest.fixture
def customer(organization):
    return make_customer()


def test_a_day_of_a_person_is_a_visit(customer):
    ana = make_portal_user(customer, make_contact(customer, name="Ana"))
    eve = make_portal_user(customer, make_contact(customer, name="Eve", is_primary=False))
    visited(customer, ana, (8, 3, 14), (8, 3, 15), (8, 4, 14))
    visited(customer, eve, (8, 4, 14))
    visited(make_customer(), ana, (8, 4, 14))
    db.session.commit()

    with time_machine.travel(datetime(2026, 8, 21, 12, tzinfo=UTC), tick=False):
        assert visits_this_month(customer, BOGOTA) == 3


def test_months_and_days_are_those_of_the_reader(customer):
    """In Bogotá it is July still when it is the first of August in the world, and one evening is one day."""
    user = make_portal_user(customer)
    visited(customer, user, (8, 1, 4), (8, 2, 22), (8, 3, 4))
    db.session.commit()

    with time_machine.travel(datetime(2026, 8, 21, 12, tzinfo=UTC), tick=False):
        assert visits_this_month(customer, BOGOTA) == 1
        assert visits_this_month(customer, "UTC") == 3


def test_links_are_visits_and_mails_are_none(customer):
    user = make_portal_user(customer)
    visited(customer, user, (8, 3, 14), actor=EventActor.LINK)
    visited(customer, user, (8, 5, 14), actor=EventActor.MAIL)
    db.session.commit()

    with time_machine.travel(datetime(2026, 8, 21, 12, tzinfo=UTC), tick=False):
        assert visits_this_month(customer, BOGOTA) == 1
    last = last_visit(customer)
    assert last is not None and last.at.day == 3


def test_nobody_was_there(customer):
    assert (last_visit(customer), visits_this_month(customer, BOGOTA)) == (None, 0)
