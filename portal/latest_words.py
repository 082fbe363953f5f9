"""What happened last and what waits for the customer, as their first page tells it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.quote_answer import QuoteAnswer
from models.work.comment import Comment
from portal.comment_thread import is_of_visitor, shown_moment
from portal.company_clock import there
from portal.payment_rows import PaidDocument, PaymentRow
from portal.urls import document_url
from services.portal.latest import Latest
from services.portal.listed_document import ListedDocument
from services.sales.formats import shown_amount, shown_date

LONGEST_EXCERPT = 140


@dataclass(frozen=True)
class Happening:
    """One line; `kind` says which sentence it is (`templates/portal/_latest.html`), the rest what stands in it."""

    kind: str
    day: date
    small: str
    what: str = ""
    url: str = ""
    who: str = ""
    words: str = ""
    paid: Sequence[PaidDocument] = ()


@dataclass(frozen=True)
class WaitingWord:
    """A question of ours that nobody has answered."""

    title: str
    small: str
    url: str


def happenings(
    documents: Sequence[ListedDocument],
    latest: Latest,
    payments: Sequence[PaymentRow],
    *,
    most: int,
) -> list[Happening]:
    """The newest first; what the customer did and what we did."""
    lang = str(get_locale() or "es")
    lines = [
        *(_payment(row) for row in payments),
        *(_document(each, lang) for each in documents),
        *(_comment(each) for each in latest.comments),
        *(_answer(each) for each in latest.answers),
    ]
    return sorted(lines, key=lambda line: line.day, reverse=True)[:most]


def waiting_words(latest: Latest) -> list[WaitingWord]:
    return [
        WaitingWord(
            _("%(author)s asks about %(subject)s", author=each.author_name, subject=_name(each)),
            _("“%(words)s”", words=_excerpt(each.body)) + f" · {shown_moment(each.at)}",
            _url(each),
        )
        for each in latest.unanswered
    ]


def _payment(row: PaymentRow) -> Happening:
    return Happening(
        "payment",
        row.paid_on,
        f"{row.day} · {row.method}",
        what=f"{row.amount} {row.currency}",
        paid=row.paid,
    )


def _document(document: ListedDocument, lang: str) -> Happening:
    day = shown_date(document.issue_date, lang)
    total = shown_amount(document.total, document.currency, lang)
    return Happening(
        "document",
        document.issue_date,
        f"{day} · {total} {document.currency}",
        what=_title(document),
        url=_url_of(document),
    )


def _comment(comment: Comment) -> Happening:
    return Happening(
        "own_comment" if is_of_visitor(comment) else "comment",
        _day(comment.at),
        shown_moment(comment.at),
        what=_name(comment),
        url=_url(comment),
        who=comment.author_name,
        words=_excerpt(comment.body),
    )


def _answer(answer: QuoteAnswer) -> Happening:
    return Happening(
        answer.answer.value,
        _day(answer.at),
        shown_moment(answer.at),
        what=_title(answer.quote),
        url=_url_of(answer.quote),
        who=answer.name,
    )


def _title(document: Document | ListedDocument) -> str:
    return f"{DocumentKind.labels()[document.kind]} {document.label}"


def _url_of(document: Document | ListedDocument) -> str:
    return document_url(document.public_id)


def _url(comment: Comment) -> str:
    if comment.document is not None:
        key = comment.document.public_id
        return url_for("portal-document.document", public_id=key, _anchor="comments")
    assert comment.project is not None  # a note about neither is not for customers
    key = comment.project.public_id
    return url_for("portal-project.project", public_id=key, _anchor="comments")


def _name(comment: Comment) -> str:
    if comment.document is not None:
        return comment.document.label
    return comment.project.name if comment.project is not None else ""


def _excerpt(body: str) -> str:
    words = " ".join(body.split())
    return words if len(words) <= LONGEST_EXCERPT else f"{words[:LONGEST_EXCERPT].rstrip()}…"


def _day(at: datetime) -> date:
    return there(at).date()
