"""Who gets what, and who not and why."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.base import db
from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange, OneMailPer
from models.mailings.suppression import Suppression
from models.people.contact import AddressState
from models.sales.document_state import DocumentState
from services.mailings.audience import Choice, preview, resolve
from services.mailings.document_ranges import Gap
from tests.factories.people import make_contact, make_customer, make_group
from tests.factories.sales import make_document

ALL = (MailingRange(series="FV"),)


def way(mode, *, ids=(), roles=()):
    return MailingAudience(mode=mode, ref_ids=list(ids), roles=list(roles))


def reasons(choice):
    return [(e.reason.value, e.customer_id) for e in resolve(choice).exclusions]


def addresses(*audience, **choice):
    return [m.address for m in resolve(Choice(ALL, audience, **choice)).messages]


def test_a_range_has_exactly_its_posted_invoices_and_names_the_rest(organization):
    """S1-07: gaps, drafts, void ones and other series are counted and listed."""
    customer = make_customer()
    make_contact(customer)
    for number in ("100", "101", "105"):
        make_document(customer, number=number)
    make_document(customer, number="102", state=DocumentState.DRAFT)
    make_document(customer, number="103", state=DocumentState.VOID)
    make_document(customer, number="104", series="FX")
    make_document(customer, number="200")

    seen = preview(Choice([MailingRange(series="FV", number_from=100, number_to=106)]))

    assert seen.documents == 3
    assert seen.messages == 1
    assert seen.excluded == {"document_not_posted": 1, "document_void": 1}
    assert seen.gaps == [Gap("FV", 104, 104), Gap("FV", 106, 106)]
    assert seen.other_series == {"FX": 1}


def test_each_contact_for_billing_gets_a_message_else_the_primary_one(organization):
    """S1-08: without a wish these are the contacts for billing, else the primary contact."""
    with_billing, without = make_customer(number="1"), make_customer(number="2")
    make_contact(with_billing, email="primary@a.test", roles=("technical",))
    make_contact(with_billing, email="one@a.test", is_primary=False)
    make_contact(with_billing, email="two@a.test", is_primary=False)
    make_contact(without, email="primary@b.test", roles=())
    for customer in (with_billing, without):
        make_document(customer)

    assert addresses() == ["one@a.test", "two@a.test", "primary@b.test"]


def test_wishes_narrow_one_another(organization):
    """S1-08: groups with those under them, roles, primary contacts, chosen customers and contacts."""
    above = make_group()
    below = make_group(parent_id=above.id)
    vip, other = make_customer(number="1", customer_group_id=below.id), make_customer(number="2")
    boss = make_contact(vip, email="boss@a.test", roles=("approver",))
    make_contact(vip, email="tech@a.test", roles=("technical",), is_primary=False)
    make_contact(other, email="tech@b.test", roles=("technical",))
    for customer in (vip, other):
        make_document(customer)

    assert addresses(way(AudienceMode.GROUPS, ids=[above.id])) == ["boss@a.test"]
    assert addresses(
        way(AudienceMode.GROUPS, ids=[above.id]), way(AudienceMode.ROLES, roles=["technical"])
    ) == ["tech@a.test"]
    assert addresses(way(AudienceMode.PRIMARY)) == ["boss@a.test", "tech@b.test"]
    assert addresses(way(AudienceMode.CUSTOMERS, ids=[other.id])) == ["tech@b.test"]
    assert addresses(way(AudienceMode.CONTACTS, ids=[boss.id])) == ["boss@a.test"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda c, e: setattr(c, "is_active", False), "contact_inactive"),
        (lambda c, e: c.emails.clear(), "no_address"),
        (lambda c, e: setattr(e, "address", "no address"), "invalid_address"),
        (lambda c, e: setattr(e, "state", AddressState.INVALID), "invalid_address"),
        (lambda c, e: setattr(e, "state", AddressState.BOUNCED), "bounced_before"),
        (lambda c, e: setattr(e, "state", AddressState.COMPLAINED), "bounced_before"),
        (lambda c, e: db.session.add(Suppression(address_norm=e.address_norm)), "suppressed"),
    ],
)
def test_whoever_cannot_be_reached_is_listed_with_the_reason(organization, spoil, reason):
    """X1-05: one code for each."""
    customer = make_customer()
    contact = make_contact(customer)
    make_document(customer)
    spoil(contact, contact.emails[0])
    db.session.flush()

    assert reasons(Choice(ALL)) == [(reason, customer.id)]


def test_customers_without_contact_role_or_on_hold_are_listed(organization):
    nobody, held = make_customer(number="1"), make_customer(number="2", on_hold=True)
    make_contact(held)
    roleless = make_customer(number="3")
    make_contact(roleless, roles=())
    for customer in (nobody, held, roleless):
        make_document(customer)

    found = reasons(Choice(ALL, (way(AudienceMode.ROLES, roles=["billing"]),)))

    assert sorted(found) == sorted(
        [("on_hold", held.id), ("no_address", nobody.id), ("no_role", roleless.id)]
    )


def test_the_same_address_twice_gets_one_message(organization):
    """X1-06: two contacts of one customer with one address; another customer with it is another matter."""
    one, two = make_customer(number="1"), make_customer(number="2")
    make_contact(one, email="office@a.test")
    make_contact(one, email="OFFICE@a.test", is_primary=False)
    make_contact(two, email="office@a.test")
    make_document(one)
    make_document(two)

    resolved = resolve(Choice(ALL))

    assert [m.customer.number for m in resolved.messages] == ["1", "2"]
    assert [e.reason for e in resolved.exclusions] == ["duplicate_recipient"]


def test_invoices_go_together_or_one_by_one(organization):
    """X1-06: one e-mail per customer has 3 documents, one per document has 1 each."""
    customer = make_customer()
    make_contact(customer)
    for _ in range(3):
        make_document(customer)

    together = resolve(Choice(ALL, one_mail_per=OneMailPer.CUSTOMER)).messages
    singly = resolve(Choice(ALL, one_mail_per=OneMailPer.DOCUMENT)).messages

    assert [len(m.documents) for m in together] == [3]
    assert [len(m.documents) for m in singly] == [1, 1, 1]


def test_a_text_that_lacks_the_language_leaves_the_recipient_out_if_wanted(organization):
    customer = make_customer(lang="en")
    make_contact(customer)
    make_document(customer)

    assert reasons(Choice(ALL, languages=frozenset({"es"}))) == [("language_missing", customer.id)]
    assert reasons(Choice(ALL, languages=frozenset({"es", "en"}))) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(counts=st.lists(st.integers(0, 3), min_size=1, max_size=4), per=st.sampled_from(OneMailPer))
def test_nobody_ever_gets_a_document_of_somebody_else(organization, counts, per):
    """S1-01, pains B-6: whatever is chosen, and every posted document goes or has a reason."""
    customers = [make_customer() for _ in counts]
    owners = {}
    for customer, count in zip(customers, counts, strict=True):
        make_contact(customer, email="shared@a.test")
        owners |= {make_document(customer).id: customer.id for _ in range(count)}

    resolved = resolve(Choice([MailingRange(document_ids=list(owners))], one_mail_per=per))

    sent = [(d.id, m.customer.id) for m in resolved.messages for d in m.documents]
    assert dict(sent) == owners
    assert len(sent) == len(owners)
