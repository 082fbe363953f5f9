"""Who hears of what customers do: S2-08 to S2-11."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models.base import db, utc_now
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings
from services.portal import activity
from services.portal.activity import tell_everybody, tell_staff
from tests.factories.people import make_customer, make_mail_account
from tests.factories.portal_texts import html_of, message_of, written
from tests.factories.saving import saved

K = PortalEventKind


@pytest.fixture
def portal(organization: Organization) -> PortalSettings:
    organization.timezone = "America/Bogota"
    make_mail_account()
    row: PortalSettings = db.session.scalars(select(PortalSettings)).one()
    row.notify_emails = ["cartera@acme.test", "ventas@acme.test"]
    return row


@pytest.fixture
def customer(portal: PortalSettings) -> Customer:
    return make_customer(name="Ferretería La Ñapa")


def happens(customer: Customer, kind: K, **fields: object) -> PortalEvent:
    values = {"actor": EventActor.LINK, "actor_name": "Sofía", "ip": "203.0.113.7", **fields}
    event: PortalEvent = saved(PortalEvent(customer_id=customer.id, kind=kind, **values))
    return event


def test_S2_08_one_mail_for_each_address(customer: Customer) -> None:
    event = happens(customer, K.COMMENTED)

    assert tell_staff() == 2
    assert tell_staff() == 0

    assert [delivery.recipient for delivery in written()] == [
        "cartera@acme.test",
        "ventas@acme.test",
    ]
    assert event.told_at is not None


def test_S2_09_who_when_and_from_where(customer: Customer) -> None:
    happens(customer, K.ACCEPTED, at=datetime(2026, 11, 26, 15, 30, tzinfo=UTC))

    tell_staff()

    html = html_of(written()[0])
    for words in ("Sofía", "Ferretería La Ñapa", "203.0.113.7", "10:30"):
        assert words in html
    assert "Ferretería La Ñapa" in message_of(written()[0])["Subject"]


def test_P_02_one_mail_about_documents_that_were_taken_together(customer: Customer) -> None:
    labels = [f"FV-{number}" for number in range(1, 8)]
    happens(customer, K.DOWNLOADED_SEVERAL, detail={"documents": labels})

    assert tell_staff() == 2

    html = html_of(written()[0])
    assert "Descargó varios documentos: FV-1, FV-2, FV-3, FV-4, FV-5 y 2 más" in html


def test_S2_10_only_the_first_view_is_told(customer: Customer) -> None:
    happens(customer, K.VIEWED_FIRST)
    happens(customer, K.VIEWED)
    happens(customer, K.SIGNED_IN)

    assert tell_staff() == 2
    assert db.session.scalars(select(PortalEvent).where(PortalEvent.told_at.is_(None))).all() == []


def test_S2_11_each_kind_can_be_muted(portal: PortalSettings, customer: Customer) -> None:
    portal.notify = {"downloaded": "never", "viewed": "at_once"}
    happens(customer, K.DOWNLOADED)
    happens(customer, K.VIEWED)

    assert tell_staff() == 2


def test_S2_08_off_nobody_is_told(portal: PortalSettings, customer: Customer) -> None:
    portal.notify_of_activity = False
    event = happens(customer, K.ACCEPTED)

    assert tell_staff() == 0

    assert event.told_at is not None  # and later neither
    portal.notify_of_activity = True
    assert tell_staff() == 0


def test_S2_08_a_day_together(portal: PortalSettings, customer: Customer) -> None:
    """On the day after, by the organization's clock; what happens today waits."""
    portal.notify_emails = ["cartera@acme.test"]
    portal.notify = {"downloaded": "daily", "printed": "daily"}
    now = datetime(2026, 11, 27, 5, 30, tzinfo=UTC)  # half past midnight in Bogotá
    happens(customer, K.DOWNLOADED, at=now - timedelta(hours=2))
    happens(customer, K.PRINTED, at=now - timedelta(hours=1))
    today = happens(customer, K.PRINTED, at=now)

    assert tell_staff(now) == 1
    assert tell_staff(now) == 0

    [delivery] = written()
    assert "26 de noviembre de 2026" in message_of(delivery)["Subject"]
    assert html_of(delivery).count("Ferretería La Ñapa") == 2
    assert today.told_at is None


def test_S2_08_what_waits_for_tomorrow_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch, portal: PortalSettings, customer: Customer
) -> None:
    """S2-08, pains A-7: more than a batch of daily events, and what is told at once leaves, to the company's addresses."""
    monkeypatch.setattr(activity, "MOST_AT_ONCE", 2)
    portal.notify = {"downloaded": "daily"}
    for _number in range(3):
        happens(customer, K.DOWNLOADED, at=utc_now())
    happens(customer, K.ACCEPTED, at=utc_now())

    assert tell_staff() == 2
    assert {delivery.recipient for delivery in written()} == set(portal.notify_emails)


def test_it_waits_for_an_account_that_can_send(organization: Organization) -> None:
    organization.email = "oficina@acme.test"
    customer = make_customer()
    event = happens(customer, K.ACCEPTED)

    assert tell_staff() == 0
    assert event.told_at is None

    make_mail_account()
    assert tell_staff() == 1
    assert [delivery.recipient for delivery in written()] == ["oficina@acme.test"]


def test_the_job_runs_in_every_organization(customer: Customer) -> None:
    happens(customer, K.ACCEPTED, at=utc_now())
    db.session.commit()

    assert tell_everybody() == 2
    assert tell_everybody() == 0
