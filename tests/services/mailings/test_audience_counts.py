"""S1-08: how many third parties each way of choosing would reach, as the others are chosen now."""

import pytest

from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange
from models.people.organization import Organization
from services.mailings.audience_counts import audience_counts
from tests.factories.people import make_contact, make_customer, make_group
from tests.factories.sales import make_document

RANGES = [MailingRange(series="FV")]


@pytest.fixture
def groups(organization: Organization) -> tuple[int, int, int]:
    """Shops with two customers, one in the group below; the other group has one without a contact for billing."""
    shops = make_group(name="Shops")
    islands = make_group(name="Shops of the islands", parent_id=shops.id)
    others = make_group(name="Others")
    for group, roles in ((shops, ("billing",)), (islands, ("approver",)), (others, ())):
        customer = make_customer(customer_group_id=group.id)
        make_contact(customer, roles=roles, is_primary=group is not others)
        make_document(customer)
    return shops.id, islands.id, others.id


def test_contacts_are_counted_among_the_chosen_groups(groups: tuple[int, int, int]) -> None:
    """S1-08: what stands at roles and contacts is about the customers who are chosen above them."""
    shops, _islands, others = groups

    everybody = audience_counts(RANGES)
    of_shops = audience_counts(RANGES, [MailingAudience(mode=AudienceMode.GROUPS, ref_ids=[shops])])
    of_others = audience_counts(
        RANGES, [MailingAudience(mode=AudienceMode.GROUPS, ref_ids=[others])]
    )

    assert (everybody.with_contact, everybody.primary, everybody.roles["billing"]) == (3, 2, 1)
    assert (of_shops.with_contact, of_shops.primary, of_shops.roles["approver"]) == (2, 2, 1)
    assert (of_others.with_contact, of_others.primary, of_others.roles["billing"]) == (1, 0, 0)


def test_contacts_are_counted_among_the_chosen_customers(organization: Organization) -> None:
    chosen, other = make_customer(), make_customer()
    for customer in (chosen, other):
        make_contact(customer)
        make_document(customer)

    counts = audience_counts(
        RANGES, [MailingAudience(mode=AudienceMode.CUSTOMERS, ref_ids=[chosen.id])]
    )

    assert (counts.customers, counts.with_contact) == (2, 1)


def test_the_other_ways_to_choose_keep_their_numbers(groups: tuple[int, int, int]) -> None:
    """S1-08: a group is worth all who are in it and below it, whichever is ticked; an empty one says so."""
    shops, islands, others = groups
    empty = make_group(name="Nobody").id
    ticked = [MailingAudience(mode=AudienceMode.GROUPS, ref_ids=[others])]

    counts = audience_counts(RANGES, ticked)

    assert counts.customers == 3
    assert counts.groups == {shops: 2, islands: 1, others: 1, empty: 0}
