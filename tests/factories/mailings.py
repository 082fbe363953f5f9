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


def make_draft(*, customers: int = 2, **fields: Any) -> Mailing:
    """A draft for new customers with one posted invoice each."""
    account = fields.pop("account", None) or make_mail_account()
    documents = []
    for _number in range(customers):
        customer = make_customer()
        make_contact(customer)
        documents.append(make_document(customer).id)
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
