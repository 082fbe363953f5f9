"""What is offered against a message that did not arrive."""

from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange
from services.mailings.cures import cures_of
from services.mailings.explained_case import case_of
from services.mailings.explained_cause import Verdict, cause_of
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def test_whom_the_mailing_is_not_for_is_not_to_be_cured(organization, settings):
    """X1-05: another customer's contacts are in order; a role would not bring them the message."""
    chosen, other = make_customer(), make_customer()
    for customer in (chosen, other):
        make_contact(customer)
    document = make_document(other)
    make_document(chosen)
    mailing = make_registered(
        settings,
        ranges=[MailingRange(series="FV")],
        audience=[MailingAudience(mode=AudienceMode.CUSTOMERS, ref_ids=[chosen.id])],
    )
    case = case_of(mailing, other.id, document.id)

    cause = cause_of(case)

    assert cause.verdict is Verdict.OUTSIDE
    assert "terceros elegidos" in cause.sentence
    assert cures_of(case, cause) == []
