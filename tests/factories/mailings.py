"""Mailings for tests: registered for real, without workers."""

from typing import Any

from models.mailings.mailing import Mailing, MailingRange
from models.sales.document_state import DocumentKind
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


def make_invoiced_customers(count: int, *, documents: int = 1) -> list[int]:
    """Customers with a contact for billing and posted invoices; the keys of the invoices."""
    keys = []
    for _number in range(count):
        customer = make_customer()
        make_contact(customer)
        keys += [make_document(customer).id for _document in range(documents)]
    return keys


def make_draft(*, customers: int = 2, **fields: Any) -> Mailing:
    """A draft for new customers with one posted invoice each, or of the `ranges` given."""
    account = fields.pop("account", None) or make_mail_account()
    ranges = fields.pop("ranges", None)
    if ranges is None:
        documents = make_invoiced_customers(customers)
        ranges = [MailingRange(kind=DocumentKind.INVOICE, document_ids=documents)]
    return write_draft(
        account,
        ranges=ranges,
        **{
            "title": "Invoices of July",
            "subject": "Your invoice {{ document.number }}",
            "body_html": "<p>Dear {{ contact.name }}</p>",
            **fields,
        },
    )


def make_registered(settings: Settings, **fields: Any) -> Mailing:
    """The same, ready to start; commits."""
    mailing = make_draft(**fields)
    workshop = Workshop(files_url=settings.files_url, base_url=settings.public_base_url)
    register_mailing(mailing, workshop)
    return mailing
