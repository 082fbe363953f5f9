"""Subjects about many documents stay short enough to be read."""

from datetime import date
from decimal import Decimal

from models.sales.document_state import DocumentKind, DocumentState
from services.mailings.document_ranges import FoundDocument
from services.mailings.subject_numbers import subject_values


def found(*labels: str, kind: DocumentKind = DocumentKind.INVOICE) -> list[FoundDocument]:
    day, amount = date(2026, 7, 31), Decimal(100)
    return [
        FoundDocument(
            id=n,
            kind=kind,
            customer_id=1,
            label=label,
            state=DocumentState.POSTED,
            issue_date=day,
            due_date=day,
            currency="COP",
            total=amount,
            balance_due=amount,
        )
        for n, label in enumerate(labels, start=1)
    ]


def test_a_few_numbers_are_named(app: object) -> None:
    """S1-10: what fits is not shortened."""
    assert subject_values(found("FV-1", "FV-2", "FV-9"), "es") == {}


def test_many_are_the_first_the_last_and_how_many(app: object) -> None:
    """S1-10: in the language of the message, for both names of the field."""
    eleven = found(*(f"FV-{n}" for n in range(1, 12)))

    assert set(subject_values(eleven, "es").values()) == {"FV-1 a FV-11 (11 facturas)"}
    assert subject_values(eleven, "en") == {
        "document.number": "FV-1 to FV-11 (11 invoices)",
        "documents.numbers": "FV-1 to FV-11 (11 invoices)",
    }


def test_each_kind_is_told_apart(app: object) -> None:
    """S1-09: a credit note beside many invoices keeps its number."""
    documents = found(*(f"FV-{n}" for n in range(1, 6)))
    documents += found("NC-7", kind=DocumentKind.CREDIT_NOTE)

    assert subject_values(documents, "es")["documents.numbers"] == "FV-1 a FV-5 (5 facturas), NC-7"
