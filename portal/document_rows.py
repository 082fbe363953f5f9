"""Documents as lines of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from models.sales.document_state import DocumentKind, DocumentState
from portal.document_words import StateWord, days_of, state_of
from portal.urls import document_url, pdf_url
from services.portal.listed_document import ListedDocument
from services.sales.formats import shown_amount

KINDS = DocumentKind.labels()


@dataclass(frozen=True)
class DocumentRow:
    """A document in a list; `key` is its public name, `rest` what is left of its total, if that is not all of it."""

    key: str
    label: str
    kind: Any
    url: str
    pdf_url: str
    days: str
    state: StateWord
    total: str
    currency: str
    rest: str


def rows_of(documents: Iterable[ListedDocument], today: date) -> list[DocumentRow]:
    """In the reader's language and notation."""
    lang = str(get_locale() or "es")
    return [_row(document, today, lang) for document in documents]


def _row(document: ListedDocument, today: date, lang: str) -> DocumentRow:
    currency, rest = document.currency, ""
    if document.state is DocumentState.PARTIALLY_PAID:
        rest = _("%(amount)s open", amount=shown_amount(document.balance_due, currency, lang))
    return DocumentRow(
        key=str(document.public_id),
        label=document.label,
        kind=KINDS[document.kind],
        url=document_url(document.public_id),
        pdf_url=pdf_url(document.public_id),
        days=days_of(document, today, lang),
        state=state_of(document, today),
        total=shown_amount(document.total, currency, lang),
        currency=currency,
        rest=rest,
    )
