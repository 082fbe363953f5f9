"""The fields of a mailing's text: `{{ customer.name }}` and its kin, with what each one means."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from models.mailings.mailing import Mailing
from services.mailbox.sender_fields import ORGANIZATION_FIELDS, SENDER_FIELDS
from services.mailings.audience import PlannedMessage
from services.mailings.document_ranges import FoundDocument
from services.mailings.document_sums import counted
from services.people.tax_ids import shown_tax_id
from services.sales.formats import shown_date, shown_money

# The only list of them: the editor's help, the check on saving and the renderer read it.
FIELDS: dict[str, Any] = {
    **ORGANIZATION_FIELDS,
    **SENDER_FIELDS,
    "customer.name": _l("Name of the customer"),
    "customer.number": _l("Number of the customer"),
    "customer.tax_id": _l("Tax id of the customer"),
    "contact.name": _l("Name of the contact"),
    "document.number": _l("Number of the document (of all of them, if there are several)"),
    "document.issue_date": _l("Date of the document (of the first one)"),
    "document.due_date": _l("Due date (the first one)"),
    "document.total": _l("Total of the document (of all of them together)"),
    "document.balance": _l("Amount still owed"),
    "document.url": _l("Address where the document can be seen (the first one)"),
    "documents.count": _l("How many documents go with the message"),
    "documents.numbers": _l("The numbers of all documents"),
    "documents.total": _l("The total of all documents"),
    "documents.balance": _l("Amount still owed on all documents"),
    "period.start": _l("First day of the period"),
    "period.end": _l("Last day of the period"),
}


def values_for(message: PlannedMessage, mailing: Mailing, lang: str) -> dict[str, str]:
    """What the fields say in one message, save those of who writes; each has a value, an unknown one is empty."""
    documents = message.documents
    numbers = ", ".join(document.label for document in documents)
    amounts = counted(documents)
    total = _sum(amounts, "total", lang)
    balance = _sum(amounts, "owed", lang)
    customer = message.customer
    return {
        "customer.name": customer.name,
        "customer.number": customer.number,
        "customer.tax_id": shown_tax_id(customer.tax_id, customer.tax_id_type)
        if customer.tax_id
        else "",
        "contact.name": message.entry.name,
        "document.number": numbers,
        "document.issue_date": _first(documents, "issue_date", lang),
        "document.due_date": _first(amounts, "due_date", lang),
        "document.total": total,
        "document.balance": balance,
        "document.url": "",  # `services/mailings/message.py` makes the links
        "documents.count": str(len(documents)),
        "documents.numbers": numbers,
        "documents.total": total,
        "documents.balance": balance,
        "period.start": shown_date(mailing.period_start, lang) if mailing.period_start else "",
        "period.end": shown_date(mailing.period_end, lang) if mailing.period_end else "",
    }


def _first(documents: Sequence[FoundDocument], name: str, lang: str) -> str:
    days = [getattr(document, name) for document in documents]
    return shown_date(min(days), lang) if days else ""


def _sum(documents: Sequence[FoundDocument], name: str, lang: str) -> str:
    """By currency: amounts of different currencies are not added up."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for document in documents:
        sums[document.currency] += getattr(document, name)
    return " + ".join(shown_money(sums[currency], currency, lang) for currency in sorted(sums))
