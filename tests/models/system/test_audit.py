"""L-12: every write has who, when, what; and the chain shows tampering."""

import psycopg
from sqlalchemy import select

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.system.audit_event import AuditEvent
from models.tenancy import Actor, Scope, because, enter
from services.system.audit_chain import check_chain, seal_new_events
from tests.factories.people import make_customer, make_mail_account


def events(entity: str) -> list[AuditEvent]:
    found = select(AuditEvent).where(AuditEvent.entity == entity).order_by(AuditEvent.id)
    return list(db.session.scalars(found).all())


def test_a_change_is_recorded_with_both_sides(organization: Organization) -> None:
    """L-12: field level, with who and why."""
    customer = make_customer(name="Before")
    enter(Scope(organization_id=organization.id, actor=Actor(kind="user", name="Ann", source="ui")))
    because("typo")
    customer.name = "After"
    db.session.commit()

    made, changed = events("customer")

    assert (made.action, made.after["name"]) == ("create", "Before")
    assert (changed.action, changed.before, changed.after) == (
        "update",
        {"name": "Before"},
        {"name": "After"},
    )
    assert (changed.actor_name, changed.source, changed.reason) == ("Ann", "ui", "typo")


def test_a_deletion_keeps_what_was_there(organization: Organization) -> None:
    """L-12: nothing disappears from the history."""
    customer = make_customer(name="Gone")
    db.session.delete(customer)
    db.session.commit()

    assert events("customer")[-1].before["name"] == "Gone"


def test_secrets_are_not_in_the_audit(organization: Organization, superuser_dsn: str) -> None:
    """L-12: a canary password is nowhere in the audit, nor in the table in clear."""
    account = make_mail_account(password="canary-7731")
    account.password = "canary-7732"
    db.session.commit()

    with psycopg.connect(superuser_dsn) as connection:
        for table in ("audit_event", "mail_account"):
            rows = connection.execute(f"SELECT t::text FROM {table} t").fetchall()  # type: ignore[arg-type]
            assert rows
            assert "canary" not in str(rows)
            assert str(account.password_sealed) not in str(rows) or table == "mail_account"


def test_sealing_takes_every_event_once(organization: Organization) -> None:
    """L-12: the chain grows by what is new."""
    for _ in range(3):
        make_customer()
    db.session.commit()

    first, second = seal_new_events(), seal_new_events()
    db.session.commit()

    assert first >= 3
    assert second == 0
    assert check_chain(organization.id).ok


def test_the_chain_shows_a_changed_event(organization: Organization, superuser_dsn: str) -> None:
    """L-12: tamper-evident."""
    make_customer()
    make_customer()
    db.session.commit()
    seal_new_events()
    db.session.commit()
    with psycopg.connect(superuser_dsn) as connection:
        changed = connection.execute(
            "UPDATE audit_event SET actor_name = 'nobody' WHERE organization_id = %s"
            " AND id = (SELECT max(id) FROM audit_event WHERE organization_id = %s) RETURNING id",
            (organization.id, organization.id),
        ).fetchone()
    db.session.expire_all()

    report = check_chain(organization.id)

    assert changed
    assert report.broken_at == changed[0]


def test_a_customer_shows_in_its_own_history_only(organization: Organization) -> None:
    """L-12: the history of one record."""
    customer, other = make_customer(), make_customer()
    other.name = "Other"
    db.session.commit()

    history = db.session.scalars(AuditEvent.history_of("customer", customer.id)).all()

    assert [event.action for event in history] == ["create"]
    assert db.session.scalars(select(Customer)).all()
