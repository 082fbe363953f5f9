"""A stranger asks for access, step by step (X0-05): nothing of it is true before staff say so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from errors import Conflict
from mail.merge import one_line
from models.base import db, utc_now
from models.people.customer_group import CustomerGroup
from models.portal.access_request import (
    NEXT_REQUEST_STATES,
    AccessRequest,
    PortalQuestion,
    RequestState,
)
from models.portal.portal_text import PortalTextKind
from models.portal.portal_user import PortalUser
from models.states import move
from services.portal.group_levels import levels_of
from services.portal.languages import company_language, said_in
from services.portal.said_texts import said_text
from services.portal.tax_id_masks import checked_tax_id


class Step(StrEnum):
    """The pages of the wizard, in order."""

    TERMS = "terms"
    CONTACT = "contact"
    COMPANY = "company"
    QUESTIONS = "questions"
    STATUS = "status"


@dataclass(frozen=True, kw_only=True)
class Company:
    """What somebody writes about where they work."""

    name: str
    tax_id_type: str | None
    tax_id: str
    city: str
    job_title: str


WRITABLE = (RequestState.EMAIL_VERIFIED, RequestState.REJECTED)


def the_request(request_id: int) -> AccessRequest | None:
    """The request with this key, ours until the transaction ends."""
    found: AccessRequest | None = db.session.scalar(
        select(AccessRequest).where(AccessRequest.id == request_id).with_for_update()
    )
    return found


def write_contact(request: AccessRequest, name: str, phone: str | None) -> None:
    """Who asks."""
    _require_writable(request)
    request.name, request.phone = one_line(name), one_line(phone or "") or None
    db.session.flush()


def accept_terms(request: AccessRequest, revision: int) -> None:
    """With the revision that was shown (X0-02)."""
    _require_writable(request)
    request.terms_revision, request.terms_accepted_at = revision, utc_now()
    db.session.flush()


def write_company(request: AccessRequest, company: Company) -> None:
    """For whom they ask. Raises Invalid for a tax id that cannot be one."""
    _require_writable(request)
    kind, tax_id = checked_tax_id(company.tax_id, company.tax_id_type, request.customer_group)
    request.company_name, request.tax_id = one_line(company.name), tax_id
    request.job_title = one_line(company.job_title) or None
    request.company = {"tax_id_type": kind, "city": one_line(company.city)}
    db.session.flush()


def write_answers(request: AccessRequest, answers: Mapping[PortalQuestion, str]) -> None:
    """What they answer; with the words of the question, which may change later."""
    _require_writable(request)
    request.answers = {
        str(question.id): {"question": words_of(question, request.lang), "answer": answer}
        for question, answer in answers.items()
    }
    db.session.flush()


def submit(request: AccessRequest) -> None:
    """Hand it to staff. Raises Conflict: something is missing, or the address has begun another one meanwhile."""
    missing = next_step(request)
    if missing is not Step.STATUS:
        raise Conflict(_("Something is missing yet. Nothing of what you wrote is lost."))
    request.match_score = None  # a worker looks for the customer again
    request.rejected_because = None
    move(request, to=RequestState.PENDING_VALIDATION, following=NEXT_REQUEST_STATES)
    try:
        db.session.flush()
    except IntegrityError as problem:  # of one address, one request is open
        raise Conflict(
            _("You have begun another request with this address. Go on with that one.")
        ) from problem


def next_step(request: AccessRequest) -> Step:
    """The first page where something is missing; the last one if nothing is."""
    terms = said_text(PortalTextKind.TERMS, request.customer_group, request.lang)
    if terms is not None and request.terms_revision is None:
        return Step.TERMS
    if not request.name:
        return Step.CONTACT
    if not request.company_name or not request.tax_id:
        return Step.COMPANY
    for question in questions_for(request.customer_group):
        if question.is_required and not answer_to(request, question):
            return Step.QUESTIONS
    return Step.STATUS


def questions_for(group: CustomerGroup | None) -> list[PortalQuestion]:
    """What is asked of this group: its own questions, else those above it (X0-04)."""
    asked: Sequence[PortalQuestion] = db.session.scalars(
        select(PortalQuestion).order_by(PortalQuestion.position, PortalQuestion.id)
    ).all()
    for level in levels_of(group):
        here = [each for each in asked if each.customer_group_id == level]
        if here:
            return here
    return []


def answer_to(request: AccessRequest, question: PortalQuestion) -> str:
    """What was answered so far."""
    given = request.answers.get(str(question.id)) or {}
    return str(given.get("answer", ""))


def words_of(question: PortalQuestion, lang: str) -> str:
    """The question in this language, else in the company's own or in any."""
    return str(said_in(question.label, lang, own=company_language()) or "")


def _require_writable(request: AccessRequest) -> None:
    if request.state not in WRITABLE:
        raise Conflict(_("This request was sent already."))


def known_user(request: AccessRequest) -> PortalUser | None:
    """Who has the address of the request already; of several, whoever signs in by it."""
    known: PortalUser | None = db.session.scalar(
        select(PortalUser)
        .where(PortalUser.email_norm == request.email_norm, PortalUser.is_active)
        .order_by((PortalUser.login_norm == request.email_norm).desc(), PortalUser.id)
        .limit(1)
    )
    return known
