"""How many of the third parties in the ranges each way of choosing would reach (S1-08)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from models.base import db
from models.mailings.mailing import MailingRange
from models.people.contact import Contact, ContactRole, CustomerContact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.document_ranges import EXCLUDED_STATES, in_ranges


@dataclass(frozen=True)
class AudienceCounts:
    """Third parties with documents that go; by role and by group."""

    customers: int = 0
    primary: int = 0
    with_contact: int = 0
    roles: dict[str, int] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)


def audience_counts(ranges: Sequence[MailingRange]) -> AudienceCounts:
    """A few queries, however many documents there are."""
    if not ranges:
        return AudienceCounts()
    meant = (
        select(Document.customer_id)
        .where(in_ranges(ranges), Document.state.not_in(EXCLUDED_STATES))
        .distinct()
        .cte("meant")
    )
    roles = [role.value for role in ContactRole]
    has = (
        select(
            func.bool_or(CustomerContact.is_primary).label("primary"),
            *(
                func.bool_or(CustomerContact.roles.contains([role])).label(f"role_{role}")
                for role in roles
            ),
        )
        .join(meant, meant.c.customer_id == CustomerContact.customer_id)
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .where(Contact.is_active)
        .group_by(CustomerContact.customer_id)
        .subquery()
    )
    row = db.session.execute(
        select(func.count(), *(func.count().filter(column) for column in has.c))
    ).one()
    groups = db.session.execute(
        select(Customer.customer_group_id, func.count())
        .join(meant, meant.c.customer_id == Customer.id)
        .group_by(Customer.customer_group_id)
    ).all()
    return AudienceCounts(
        customers=sum(count for _group, count in groups),
        with_contact=row[0],
        primary=row[1],
        roles=dict(zip(roles, row[2:], strict=True)),
        groups={group: count for group, count in groups if group is not None},
    )
