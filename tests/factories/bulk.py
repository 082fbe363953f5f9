"""Many customers, and runs over them, for tests of bulk changes."""

from typing import Any

from sqlalchemy import select

from models.base import db
from models.people.customer import Customer
from models.people.user import User
from models.system.bulk_run import BulkDeed, BulkRun
from models.tenancy import Actor, Scope, current_scope, enter
from services.system.bulk.begin import begin
from services.system.bulk_insert import insert_rows
from tests.factories.saving import numbers


def make_customers(count: int, **fields: Any) -> None:
    """So many customers, past the session."""
    place = current_scope().organization_id
    rows = []
    for _place in range(count):
        number = next(numbers)
        row = {"organization_id": place, "number": f"B{number:07}", "name": f"Bulk {number}"}
        rows.append({**row, **fields})
    insert_rows(Customer.__table__, rows)


def make_run(maker: User, changes: dict[str, Any], **fields: Any) -> BulkRun:
    """A change of all customers, begun by this user and committed, but not carried out."""
    before = current_scope()
    actor = Actor(kind="user", id=maker.id, name=maker.name, source="ui")
    enter(Scope(organization_id=before.organization_id, actor=actor))
    keys = select(Customer.id).where(Customer.organization_id == before.organization_id)
    given = {"screen": "customer", "deed": BulkDeed.EDIT, "lang": "en", **fields}
    run = begin(keys.order_by(Customer.id), changes=changes, **given)
    db.session.commit()
    enter(before)
    return run
