"""What stands below a quote: how to answer it, the answer, or why it cannot be answered any more."""

from dataclasses import dataclass, field
from datetime import date

from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import AppError, Conflict, Invalid
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.quote_answer import Answer, QuoteAnswer
from services.portal.quote_answers import (
    LONGEST_NAME,
    LONGEST_REASON,
    Signature,
    answer_quote,
    answer_to,
    is_pdf_of,
    why_not,
)
from services.sales.formats import shown_amount, shown_date


@dataclass(frozen=True)
class AnswerForm:
    """`done` tells of the answer, `refusal` why there can be none; else the form, with `problem` at `problem_at`."""

    done: str = ""
    reason: str = ""
    refusal: str = ""
    url: str = ""
    name: str = ""
    label: str = ""
    amount: str = ""
    pdf_sha256: str = ""
    pdf_url: str = ""
    problem: str = ""
    problem_at: str = ""
    is_declining: bool = False
    longest: dict[str, int] = field(
        default_factory=lambda: {"name": LONGEST_NAME, "reason": LONGEST_REASON}
    )


def answer_form(
    quote: Document, today: date, *, url: str, name: str, pdf_sha256: str, pdf_url: str
) -> AnswerForm | None:
    """None below what is no quote."""
    if quote.kind is not DocumentKind.QUOTE:
        return None
    if refusal := why_not(quote, today):
        return _closed(answer_to(quote), refusal)
    return AnswerForm(
        url=url,
        name=name,
        label=quote.label,
        amount=shown_amount(quote.total, quote.currency, str(get_locale() or "es"))
        + f" {quote.currency}",
        pdf_sha256=pdf_sha256,
        pdf_url=pdf_url,
    )


def closed_form(quote: Document, today: date) -> AnswerForm | None:
    """For who may not answer: only what became of it."""
    if quote.kind is not DocumentKind.QUOTE:
        return None
    refusal = why_not(quote, today)
    return _closed(answer_to(quote), refusal) if refusal else None


def take_answer(quote: Document, signature: Signature, *, pdf_sha256: str, today: date) -> Answer:
    """Write down what the form says; raises Invalid and Conflict."""
    answer = Answer.DECLINED if request.form.get("answer") == Answer.DECLINED else Answer.ACCEPTED
    if answer is Answer.ACCEPTED and request.form.get("agreed") != "yes":
        raise Invalid(_("Tick the box to accept the quote."), field="agreed")
    if not is_pdf_of(quote, pdf_sha256):
        raise Conflict(_("The quote was opened too long ago. Read it again, please."))
    answer_quote(
        quote,
        answer,
        signature,
        pdf_sha256=pdf_sha256,
        today=today,
        reason=request.form.get("reason", "") if answer is Answer.DECLINED else "",
    )
    return answer


def thanks(answer: Answer) -> str:
    """What is said after an answer."""
    if answer is Answer.ACCEPTED:
        return str(_("Thank you: the quote is accepted."))
    return str(_("The quote is declined. Thank you for telling us why."))


def refused(form: AnswerForm | None, problem: AppError) -> AnswerForm | None:
    """The form once more, with what was written and what is wrong with it."""
    if form is None or not form.url:
        return form
    return AnswerForm(
        **{
            **vars(form),
            "name": request.form.get("name", ""),
            "reason": request.form.get("reason", ""),
            "problem": problem.message,
            "problem_at": getattr(problem, "field", "") or "",
            "is_declining": request.form.get("answer") == Answer.DECLINED,
        }
    )


def _closed(written: QuoteAnswer | None, refusal: str) -> AnswerForm:
    if written is None:
        return AnswerForm(refusal=refusal)
    day = shown_date(written.at.date(), str(get_locale() or "es"))
    sentence = (
        _("%(name)s accepted this quote on %(day)s.", name=written.name, day=day)
        if written.answer is Answer.ACCEPTED
        else _("%(name)s declined this quote on %(day)s.", name=written.name, day=day)
    )
    return AnswerForm(done=sentence, reason=written.reason or "", pdf_sha256=written.pdf_sha256)
