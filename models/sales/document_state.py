"""The states of documents: which there are, and which may follow."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext


class DocumentKind(StrEnum):
    """What a document is."""

    QUOTE = "quote"
    SALES_ORDER = "sales_order"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    STATEMENT = "statement"

    @classmethod
    def labels(cls) -> dict["DocumentKind", Any]:
        return {
            cls.QUOTE: _l("Quote"),
            cls.SALES_ORDER: _l("Sales order"),
            cls.INVOICE: _l("Invoice"),
            cls.CREDIT_NOTE: _l("Credit note"),
            cls.STATEMENT: _l("Statement of account"),
        }


class DocumentState(StrEnum):
    """Where a document is in its life; each kind uses some of them."""

    DRAFT = "draft"
    POSTED = "posted"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SHIPPING = "shipping"
    DELIVERED = "delivered"
    VOID = "void"

    @classmethod
    def labels(cls) -> dict["DocumentState", Any]:
        return {
            cls.DRAFT: _l("Draft"),
            cls.POSTED: _l("Posted"),
            cls.PARTIALLY_PAID: _l("Partially paid"),
            cls.PAID: _l("Paid"),
            cls.ACCEPTED: _l("Accepted"),
            cls.DECLINED: _l("Declined"),
            cls.EXPIRED: _l("Expired"),
            cls.SHIPPING: _l("Shipping"),
            cls.DELIVERED: _l("Delivered"),
            cls.VOID: _l("Void"),
        }


# In Spanish a statement of account is masculine, and every other document feminine; in Portuguese quotes and orders are
# masculine as well.
_OF_QUOTES_AND_ORDERS = {DocumentState.VOID: lazy_pgettext("quote or sales order", "Void")}
WORDS_OF_KINDS: dict[DocumentKind, dict[DocumentState, Any]] = {
    DocumentKind.QUOTE: _OF_QUOTES_AND_ORDERS,
    DocumentKind.SALES_ORDER: _OF_QUOTES_AND_ORDERS,
    DocumentKind.STATEMENT: {
        DocumentState.POSTED: lazy_pgettext("statement of account", "Posted"),
        DocumentState.VOID: lazy_pgettext("statement of account", "Void"),
    },
}


def document_state_word(kind: DocumentKind, state: DocumentState) -> Any:
    """The word of a state for people, as it is said of this kind of document."""
    return (DocumentState.labels() | WORDS_OF_KINDS.get(kind, {}))[state]


_S = DocumentState
_MONEY = {
    _S.DRAFT: {_S.POSTED},
    _S.POSTED: {_S.PARTIALLY_PAID, _S.PAID, _S.VOID},
    _S.PARTIALLY_PAID: {_S.POSTED, _S.PAID},
    _S.PAID: {_S.POSTED, _S.PARTIALLY_PAID},
    _S.VOID: set(),
}
NEXT_STATES: dict[DocumentKind, dict[DocumentState, set[DocumentState]]] = {
    DocumentKind.INVOICE: _MONEY,
    DocumentKind.CREDIT_NOTE: _MONEY,
    DocumentKind.QUOTE: {
        _S.DRAFT: {_S.POSTED},
        _S.POSTED: {_S.ACCEPTED, _S.DECLINED, _S.EXPIRED, _S.VOID},
        _S.EXPIRED: {_S.POSTED},
        _S.ACCEPTED: set(),
        _S.DECLINED: set(),
        _S.VOID: set(),
    },
    DocumentKind.SALES_ORDER: {
        _S.DRAFT: {_S.POSTED},
        _S.POSTED: {_S.SHIPPING, _S.DELIVERED, _S.VOID},
        _S.SHIPPING: {_S.DELIVERED},
        _S.DELIVERED: set(),
        _S.VOID: set(),
    },
    DocumentKind.STATEMENT: {_S.POSTED: {_S.VOID}, _S.VOID: set()},
}
OWED_STATES = frozenset({_S.POSTED, _S.PARTIALLY_PAID})


def is_owed(kind: DocumentKind, state: DocumentState, balance_due: Decimal) -> bool:
    """Whether such a document is an invoice on which something is still to be paid."""
    return kind is DocumentKind.INVOICE and state in OWED_STATES and balance_due > 0


def days_overdue(
    kind: DocumentKind, state: DocumentState, balance_due: Decimal, due_date: date, today: date
) -> int:
    """Days since the due date of an invoice that is still owed; 0 if nothing is late."""
    return max((today - due_date).days, 0) if is_owed(kind, state, balance_due) else 0


# The table above as a condition that the database checks.
STATES_OF_KINDS = " OR ".join(
    f"(kind = '{kind}' AND state IN ({', '.join(repr(state.value) for state in NEXT_STATES[kind])}))"
    for kind in DocumentKind
)
# In SQL, so that queries can name it in the very words of the index.
OWED_INVOICE = "kind = 'invoice' AND state IN ('posted', 'partially_paid')"
WAITING_QUOTE = "kind = 'quote' AND state = 'posted'"
UNPAID_INVOICE = f"{OWED_INVOICE} AND balance_due > 0"
OPEN_DOCUMENT = (
    "balance_due <> 0 AND kind IN ('invoice', 'credit_note') AND state NOT IN ('draft', 'void')"
)
