"""Staff ask somebody who wants access for more, and the answer comes back to the request (P-12).

The request waits for validation all the while. The answer is given in the browser that made the request, or after a code to its address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _

from errors import Conflict, Invalid
from mail.headers import Mailbox
from models.audit_trail import record_event
from models.base import db, utc_now
from models.portal.access_request import AccessRequest, RequestState
from models.tenancy import current_scope
from services.mailings.notices import Notice, email
from services.portal.group_levels import GroupSettings
from services.portal.mail_words import organization_in_scope
from services.portal.portal_addresses import base_url, portal_url
from services.portal.portal_emails import sent_for

LONGEST = 1000
MOST_ENQUIRIES = 10


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What was asked, by whom, and what was answered; `answered_at` is None while nothing was."""

    question: str
    asked_by: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None


def enquiries_of(request: AccessRequest) -> list[Enquiry]:
    """All of a request, the first one first."""
    return [_read(each) for each in request.enquiries]


def open_enquiry(request: AccessRequest) -> Enquiry | None:
    """The one that waits for an answer."""
    last = next(reversed(enquiries_of(request)), None)
    is_open = request.state is RequestState.PENDING_VALIDATION
    return last if is_open and last is not None and last.answered_at is None else None


def ask_for_more(request: AccessRequest, question: str) -> int | None:
    """Write the question to the address of the request; returns its delivery.

    Raises Invalid without a question, Conflict where the last one has no answer yet or somebody has decided.
    """
    text = _one_text(question, "question")
    if request.state is not RequestState.PENDING_VALIDATION:
        raise Conflict(_("Somebody has decided on this request already."))
    if open_enquiry(request) is not None:
        raise Conflict(_("The last question has no answer yet."))
    if len(request.enquiries) >= MOST_ENQUIRIES:
        raise Conflict(_("There were enough questions: decide now."))
    asked_by = current_scope().actor.name or organization_in_scope().name
    asked = {"question": text, "asked_by": asked_by, "asked_at": utc_now().isoformat()}
    request.enquiries = [*request.enquiries, asked]
    record_event(
        db.session(),
        entity="access_request",
        entity_id=request.id,
        action="ask",
        after={"question": text},
    )
    db.session.flush()
    return sent_for(request.customer_group, _asked, request, text)


def answer_enquiry(request: AccessRequest, answer: str) -> int | None:
    """Keep the answer, and tell staff; returns the delivery. Raises Invalid, Conflict where nothing is asked."""
    text = _one_text(answer, "answer")
    if open_enquiry(request) is None:
        raise Conflict(_("Nothing is asked of you at the moment."))
    answered = {"answer": text, "answered_at": utc_now().isoformat()}
    request.enquiries = [*request.enquiries[:-1], {**request.enquiries[-1], **answered}]
    db.session.flush()
    said = GroupSettings(request.customer_group).said("access_requests_to").value
    to = said or organization_in_scope().email
    return sent_for(request.customer_group, _answered, request, to) if to else None


def _one_text(written: str, field: str) -> str:
    text = written.replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("Write something."), field=field)
    if len(text) > LONGEST:
        raise Invalid(_("At most %(max)d characters.", max=LONGEST), field=field)
    return text


def _read(kept: Mapping[str, Any]) -> Enquiry:
    answered = kept.get("answered_at")
    return Enquiry(
        kept["question"],
        kept["asked_by"],
        datetime.fromisoformat(kept["asked_at"]),
        kept.get("answer", ""),
        datetime.fromisoformat(answered) if answered else None,
    )


@email("portal-access-enquiry")
def _asked(request: AccessRequest, question: str) -> Notice:
    return Notice(
        cause=f"access_enquiry:{request.id}:{len(request.enquiries)}",
        to=Mailbox.of(request.email, request.name),
        lang=request.lang,
        values={
            "organization": organization_in_scope().name,
            "name": request.name,
            "question": question,
            "link": _answer_url(request),
        },
    )


def _answer_url(request: AccessRequest) -> str:
    """The page for the answer; in another browser it asks for the address, at the door of the same group."""
    group = request.customer_group
    door = f"?{urlencode({'group': group.code})}" if group is not None else ""
    return portal_url(f"/request-access/answer{door}")


@email("portal-access-answer")
def _answered(request: AccessRequest, to: str) -> Notice:
    last = enquiries_of(request)[-1]
    return Notice(
        cause=f"access_answer:{request.id}:{len(request.enquiries)}",
        to=Mailbox.of(to, organization_in_scope().name),
        lang=organization_in_scope().default_lang,
        values={
            "organization": organization_in_scope().name,
            "name": request.name,
            "question": last.question,
            "answer": last.answer,
            "link": f"{base_url()}/access-requests/{request.public_id}",
        },
    )
