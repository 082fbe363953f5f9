"""What a clerk fills into the form of a mailing."""

from typing import Any

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount


def fields(**changed: Any) -> dict[str, Any]:
    """Invoices FV-201 and FV-202, one e-mail per customer; `changed` is what a test is about."""
    return {
        "account": str(db.session.scalar(select(MailAccount.id))),
        "series": "FV",
        "number_from": "201",
        "number_to": "202",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Factura {{ document.number }}",
        "body": "Estimado {{ contact.name }}:",
        **changed,
    }
