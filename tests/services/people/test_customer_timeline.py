"""One timeline of all that happened with a customer: merged by time, page by page, none twice."""

from datetime import timedelta

import pytest

from models.base import db, utc_now
from models.people.user import User
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.tenancy import Actor, Scope, current_scope, enter
from models.work.comment import CommentVisibility
from services.people.customer_timeline import (
    PAGE,
    TimelineKind,
    TimelineMark,
    timeline_of,
)
from services.people.portal_visits import last_visit
from services.work.comments import write_comment
from tests.factories.mail_rows import make_mailbox, put
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import pay

EVERYTHING = tuple(TimelineKind)


@pytest.fixture
def customer(organization):
    user = make_user(organization)
    enter(
        Scope(
            organization_id=organization.id,
            actor=Actor(kind="user", id=user.id, name=user.name, source="ui"),
        )
    )
    return make_customer()


def event(customer, user, at, kind=PortalEventKind.SIGNED_IN):
    return saved(
        PortalEvent(
            customer_id=customer.id,
            kind=kind,
            actor=EventActor.PORTAL_USER,
            portal_user_id=user.id,
            actor_name=user.name,
            at=at,
        )
    )


def pages(customer, kinds=EVERYTHING):
    found, before = [], None
    reader = db.session.get_one(User, current_scope().actor.id)
    while True:
        page = timeline_of(customer, kinds, zone="America/Bogota", reader=reader, before=before)
        found += page.entries
        if page.older is None:
            return found
        assert len(page.entries) == PAGE
        before = TimelineMark.parse(str(page.older))


def test_all_kinds_stand_in_one_order(customer):
    invoice = make_document(customer)
    pay(customer, 5, (invoice, 5))
    write_comment(invoice, "Hola", visibility=CommentVisibility.INTERNAL)
    write_comment(customer, "Nota")
    event(customer, make_portal_user(customer), utc_now())
    strange = make_customer()
    write_comment(make_document(strange), "Zurrapa")
    db.session.commit()

    entries = pages(customer)

    moments = [entry.mark.at for entry in entries]
    assert moments == sorted(moments, reverse=True)
    names = {type(entry.record).__name__ for entry in entries}
    assert names >= {"Invoice", "Payment", "Comment", "PortalEvent", "AuditEvent"}
    assert all(
        getattr(entry.record, "customer_id", customer.id) == customer.id for entry in entries
    )


def test_pages_show_each_entry_once_even_at_the_same_moment(customer):
    user, at = make_portal_user(customer), utc_now() - timedelta(days=1)
    for number in range(2 * PAGE + 7):
        event(customer, user, at if number % 3 else at - timedelta(minutes=number))
    for _number in range(PAGE):
        write_comment(customer, "Nota")
    db.session.commit()

    entries = pages(customer, (TimelineKind.PORTAL, TimelineKind.COMMENTS))

    keys = [(entry.mark.rank, entry.mark.id) for entry in entries]
    assert len(keys) == len(set(keys)) == 3 * PAGE + 7


def test_a_kind_alone(customer):
    make_document(customer)
    event(customer, make_portal_user(customer), utc_now())
    db.session.commit()

    entries = pages(customer, (TimelineKind.PORTAL,))

    assert [entry.record.kind for entry in entries] == ["signed_in"]
    assert last_visit(customer) is entries[0].record


@pytest.mark.parametrize("text", ["", "x", "2026-08-01~1~2", "~~", "2026-08-01T00:00:00+00:00~1~x"])
def test_an_odd_mark_is_none(text):
    assert TimelineMark.parse(text) is None


def test_messages_stand_there_as_far_as_the_reader_may_read_them(customer, organization):
    """S3-25: what they write, as far as the reader may read it."""
    make_contact(customer, email="ana@lanapa.test")
    box, private = (
        make_mailbox(),
        make_mailbox(owner_id=make_user(organization).id, is_shared=False),
    )
    put(box.inbox, subject="from them", sender=("Ana", "ana@lanapa.test"))
    put(private.inbox, subject="not for everybody", sender=("Ana", "ana@lanapa.test"))

    found = pages(customer, (TimelineKind.MESSAGES,))

    assert [entry.record.subject for entry in found] == ["from them"]
