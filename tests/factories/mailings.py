"""Mailings for tests, registered with everything that they send."""

from typing import Any

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing, MailingRange, OneMailPer
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


def make_workshop(settings: Settings) -> Workshop:
    return Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)


def make_invoiced_customers(count: int, *, documents: int = 1) -> None:
    """So many customers with a billing contact and posted invoices of series FV."""
    for _ in range(count):
        customer = make_customer()
        make_contact(customer)
        for _ in range(documents):
            make_document(customer)
    db.session.commit()


def make_draft(account: MailAccount | None = None, **fields: Any) -> Mailing:
    """A mailing of all invoices of series FV."""
    mailing = write_draft(
        account or make_mail_account(),
        **{
            "subject": "Documentos {{ documents.numbers }}",
            "body_html": "<p>Hola, {{ contact.name }}: {{ documents.total }}</p>",
            "ranges": [MailingRange(series="FV")],
            "audience": [],
            "one_mail_per": OneMailPer.CUSTOMER,
            **fields,
        },
    )
    db.session.commit()
    return mailing


def make_registered(
    settings: Settings, account: MailAccount | None = None, **fields: Any
) -> Mailing:
    mailing = make_draft(account, **fields)
    register_mailing(mailing, make_workshop(settings))
    return mailing
