"""The documents of the customer's first page: what is owed and what was settled, what waits, what was issued last.

They are found in one question, each by an index, and told apart by what they say themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Exists,
    Integer,
    Select,
    func,
    literal_column,
    select,
    union_all,
)

from models.sales.document import Document
from models.sales.document_state import OWED_STATES, DocumentKind, DocumentState
from models.sales.quote_answer import QuoteAnswer
from models.tenancy import column_rows, kept
from models.work.comment import Comment
from services.portal.document_list import in_state
from services.portal.listed_document import COLUMNS, ListedDocument
from services.portal.visible_documents import Kinds, Sight, kinds_of, own, said, the_customer

FEW = 4
MOST_WAITING = 5
MOST_ISSUED = 6
COUNTED_UP_TO = 1_000
BESIDE = 3  # columns that say the same in each row


@dataclass(frozen=True, slots=True)
class FirstPage:
    """`waiting`: quotes, those that expire first before the others. `invoices`: those that are owed, by the day on
    which they are due, then the last of the others; `count` is how many there are, beyond `COUNTED_UP_TO` one more
    than it. `issued`: the last documents of all kinds. `has_comments`, `has_answers`: whether it is worth asking for
    what was written last (`latest.py`), which for most customers is nothing.
    """

    waiting: Sequence[ListedDocument]
    invoices: Sequence[ListedDocument]
    count: int
    issued: Sequence[ListedDocument]
    has_comments: bool
    has_answers: bool


def first_page(sight: Sight, today: date) -> FirstPage:
    """What this sight comprises of it."""
    values = {"customer": sight.customer_id, "today": today}
    rows = column_rows(_statement(kinds_of(sight)), values)
    count, has_comments, has_answers = rows[0][:BESIDE] if rows else (0, True, True)
    documents = list({row.id: ListedDocument._make(row[BESIDE:]) for row in rows}.values())
    invoices = [each for each in documents if each.kind is DocumentKind.INVOICE]
    owed = [each for each in invoices if each.state in OWED_STATES]
    others = [each for each in invoices if each.state not in OWED_STATES]
    shown = [*sorted(owed, key=_due), *sorted(others, key=_issued, reverse=True)]
    return FirstPage(
        waiting=sorted((each for each in documents if _waits(each, today)), key=_due)[
            :MOST_WAITING
        ],
        invoices=shown[:FEW],
        count=count,
        issued=sorted(documents, key=_issued, reverse=True)[:MOST_ISSUED],
        has_comments=has_comments,
        has_answers=has_answers,
    )


@lru_cache(maxsize=500)
def _statement(kinds: Kinds) -> Select[Any]:
    listed = select(*COLUMNS)
    invoices = own(_only(DocumentKind.INVOICE, kinds))
    quotes = own(_only(DocumentKind.QUOTE, kinds))
    is_owed, is_settled = (
        in_state("open"),
        Document.state.not_in([said(Document.state, state) for state in sorted(OWED_STATES)]),
    )
    by_due = Document.due_date, Document.id
    by_issue = Document.issue_date.desc(), Document.id.desc()
    found = union_all(
        listed.where(invoices, is_owed).order_by(*by_due).limit(_most(FEW)),
        listed.where(invoices, is_settled).order_by(*by_issue).limit(_most(FEW)),
        listed.where(quotes, in_state("waiting")).order_by(*by_due).limit(_most(MOST_WAITING)),
        listed.where(own(kinds)).order_by(*by_issue).limit(_most(MOST_ISSUED)),
    ).subquery()
    counted = select(Document.id).where(invoices).limit(_most(COUNTED_UP_TO + 1)).subquery()
    count = select(func.count()).select_from(counted).scalar_subquery()
    beside = (count.label("number"), _is_any(Comment), _is_any(QuoteAnswer))
    return kept(select(*beside, *found.c))


def _is_any(model: type[Comment | QuoteAnswer]) -> Exists:
    return select(model.id).where(model.customer_id == the_customer()).exists()


def _most(number: int) -> ColumnElement[int]:
    """As a number in the statement, so that PostgreSQL plans for few."""
    return literal_column(str(number), Integer)


def _only(kind: DocumentKind, kinds: Kinds) -> Kinds:
    return tuple(each for each in kinds if each is kind)


def _waits(document: ListedDocument, today: date) -> bool:
    return (
        document.kind is DocumentKind.QUOTE
        and document.state is DocumentState.POSTED
        and document.due_date >= today
    )


def _due(document: ListedDocument) -> tuple[date, int]:
    return document.due_date, document.id


def _issued(document: ListedDocument) -> tuple[date, int]:
    return document.issue_date, document.id
