"""How many of the third parties in the ranges each way of choosing would reach (S1-08)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select

from models.any_of import is_any_of
from models.base import db
from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange
from models.people.contact import Contact, ContactRole, CustomerContact
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.sales.document import Document
from services.mailings.address_book import groups_below
from services.mailings.document_ranges import EXCLUDED_STATES, in_ranges


@dataclass(frozen=True)
class AudienceCounts:
    """Third parties with documents that go, all of them and by group; of those chosen, who has which contacts."""

    customers: int = 0
    primary: int = 0
    with_contact: int = 0
    roles: dict[str, int] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)


def audience_counts(
    ranges: Sequence[MailingRange], audience: Sequence[MailingAudience] = ()
) -> AudienceCounts:
    """A few queries, however many documents there are. A group counts with those below it, as it is sent to."""
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
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(Contact.is_active, *_chosen(audience))
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
        groups=_with_those_below({group: count for group, count in groups if group is not None}),
    )


def _chosen(audience: Sequence[MailingAudience]) -> list[ColumnElement[bool]]:
    """Which customers are meant; which of their contacts is what the counts are for."""
    limits = []
    for way in audience:
        if way.mode is AudienceMode.CUSTOMERS:
            limits.append(is_any_of(Customer.id, way.ref_ids))
        elif way.mode is AudienceMode.GROUPS:
            limits.append(is_any_of(Customer.customer_group_id, list(groups_below(way.ref_ids))))
    return limits


def _with_those_below(direct: dict[int, int]) -> dict[int, int]:
    """Of every group, also where nobody is in it (any more)."""
    groups = db.session.execute(select(CustomerGroup.id, CustomerGroup.parent_id)).all()
    above = dict(groups)
    sums = dict.fromkeys(above, 0)
    for group, count in direct.items():
        chain: set[int] = set()
        key: int | None = group
        while key is not None and key not in chain:
            sums[key] += count
            chain.add(key)
            key = above[key]
    return sums
