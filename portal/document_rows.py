"""Documents as lines of a list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from portal.document_words import StateWord, days_of, state_of
from services.sales.formats import shown_amount

ANY = UUID(int=0)


@dataclass(frozen=True)
class DocumentRow:
    """A document in a list; `rest` is what is left of its total, if that is not all of it."""

    label: str
    kind: str
    url: str
    pdf_url: str
    days: str
    state: StateWord
    total: str
    currency: str
    rest: str


def rows_of(documents: Iterable[Document], today: date) -> list[DocumentRow]:
    """In the reader's language and notation."""
    lang, urls = str(get_locale() or "es"), _Addresses()
    return [_row(document, today, lang, urls) for document in documents]


class _Addresses:
    """Where documents and their PDFs are: made once for a list, since all of them differ by one word."""

    def __init__(self) -> None:
        self._page = url_for("portal-document.document", public_id=ANY)
        self._pdf = url_for("portal-document.pdf", public_id=ANY)

    def of(self, document: Document) -> tuple[str, str]:
        key = str(document.public_id)
        return self._page.replace(str(ANY), key), self._pdf.replace(str(ANY), key)


def _row(document: Document, today: date, lang: str, urls: _Addresses) -> DocumentRow:
    currency, rest = document.currency, ""
    if document.state is DocumentState.PARTIALLY_PAID:
        rest = _("%(amount)s open", amount=shown_amount(document.balance_due, currency, lang))
    url, pdf_url = urls.of(document)
    return DocumentRow(
        label=document.label,
        kind=str(DocumentKind.labels()[document.kind]),
        url=url,
        pdf_url=pdf_url,
        days=days_of(document, today, lang),
        state=state_of(document, today),
        total=shown_amount(document.total, currency, lang),
        currency=currency,
        rest=rest,
    )
