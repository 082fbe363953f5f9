from models.mailings.mailing import MailingRange
from services.mailings.recipients import every_recipient
from tests.factories.mailings import make_invoiced_customers, make_registered
from tests.factories.people import make_customer
from tests.factories.sales import make_document


def test_everybody_is_listed_with_documents_or_reason(organization, settings):
    """X1-05: each row that is not sent shows one code."""
    make_invoiced_customers(3, documents=2)
    make_document(make_customer(number="NOBODY"))
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])

    rows = list(every_recipient(mailing))

    assert [len(row.documents) for row in rows] == [2, 2, 2, 0]
    assert rows[3].reason == "no_address"
    assert rows[3].customer_number == "NOBODY"
