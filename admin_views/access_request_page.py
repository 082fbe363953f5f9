"""A request for access in words: who asks, what they wrote, of which customer they may be and why."""

from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from admin_views.reader_formats import moment, number
from admin_views.state_badges import Look, badge, icon, state_badge
from models.people.contact import ContactRole
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, RequestState
from services.people.customer_contacts import contact_lines
from services.people.tax_ids import is_tax_id, plain_name, shown_tax_id
from services.portal.access_decisions import known_contact
from services.portal.access_enquiries import Enquiry, open_enquiry
from services.portal.access_list import Pile, counts, customers_called
from services.portal.access_matches import Match, Reason, matches_of
from services.portal.visible_documents import ANSWERING, EVERYTHING, SUBJECTS_OF_ROLES, Subject

GOOD, FAIR = 75, 40  # percent
PILES = {
    Pile.WAITING: _l("To validate"),
    Pile.VALIDATED: _l("Validated requests"),
    Pile.REJECTED: _l("Rejected requests"),
    Pile.ALL: _l("All requests"),
}
SUBJECTS = {
    Subject.INVOICES: _l("Invoices"),
    Subject.CREDIT_NOTES: _l("Credit notes"),
    Subject.QUOTES: _l("Quotes"),
    Subject.SALES_ORDERS: _l("Sales orders"),
    Subject.STATEMENTS: _l("Statements of account"),
    Subject.PAYMENTS: _l("Payments"),
    Subject.PROJECTS: _l("Projects"),
}
REASONS: dict[Reason, tuple[Any, str, str]] = {
    Reason.SAME_TAX_ID: (_l("Same tax id"), "ok", "check"),
    Reason.OTHER_TAX_ID: (_l("Another tax id"), "bad", "x"),
    Reason.KNOWN_CONTACT: (_l("A contact of theirs has this address"), "ok", "check"),
    Reason.SAME_DOMAIN: (_l("Same domain of e-mail"), "ok", "check"),
    Reason.OWN_DOCUMENT: (_l("The document that was named is theirs"), "ok", "check"),
    Reason.SAME_NAME: (_l("Same name"), "ok", "check"),
    Reason.SIMILAR_NAME: (_l("Similar name"), "", "equal"),
}


def tabs_of(pile: Pile) -> list[dict[str, Any]]:
    """The piles, with how many lie there."""
    here = counts()
    amounts = {
        Pile.WAITING: here.get(RequestState.PENDING_VALIDATION, 0),
        Pile.VALIDATED: here.get(RequestState.VALIDATED, 0),
        Pile.REJECTED: here.get(RequestState.REJECTED, 0),
    }
    return [
        {
            "label": label,
            "url": url_for("access_requests.index", state=each.value),
            "is_current": each is pile,
            "count": number(amounts[each]) if amounts.get(each) else None,
        }
        for each, label in PILES.items()
    ]


def likelihood(request: AccessRequest) -> Any:
    """What was found when it came in, as a badge."""
    score = request.match_score or 0
    if score < FAIR // 2:
        return badge(_("No match"), Look("", "user-question"))
    return badge(f"{number(score)} %", Look("ok" if score >= GOOD else "warn", "target-arrow"))


def badge_of(request: AccessRequest) -> Any:
    """How a request stands: what was found, that the next word is theirs, or what was decided."""
    if request.state is not RequestState.PENDING_VALIDATION:
        return state_badge(request.state)
    if open_enquiry(request) is not None:
        return badge(_("Waits for their answer"), Look("info", "message-circle"))
    return likelihood(request)


def enquiry_words(enquiry: Enquiry) -> dict[str, Any]:
    """A question and its answer, with who and when."""
    return {
        "question": enquiry.question,
        "asked": f"{enquiry.asked_by}, {moment(enquiry.asked_at)}",
        "answer": enquiry.answer,
        "answered": moment(enquiry.answered_at) if enquiry.answered_at else "",
    }


def facts_of(request: AccessRequest) -> dict[str, list[tuple[str, Any]]]:
    """Who asks, and what they wrote."""
    kind = request.company.get("tax_id_type")
    answers = [(each["question"], _answer(each["answer"])) for each in request.answers.values()]
    terms = (
        _(
            "Accepted version %(version)s, %(time)s",
            version=request.terms_revision,
            time=moment(request.terms_accepted_at),
        )
        if request.terms_accepted_at
        else ""
    )
    return {
        "who": [
            (_("Phone"), request.phone),
            (_("Position"), request.job_title),
            (_("Terms"), terms),
        ],
        "wrote": [
            (_("Company"), request.company_name),
            (plain_name(kind) if kind else _("Tax id"), _tax_id(request.tax_id, kind)),
            (_("City"), request.company.get("city")),
            *answers,
        ],
    }


def candidates(request: AccessRequest, words: str) -> list[dict[str, Any]]:
    """The customers to choose from: those that come into question, then those that were searched for."""
    found = [_candidate(request, match) for match in matches_of(request)]
    known = {each["customer"].id for each in found}
    more = [each for each in customers_called(words) if each.id not in known]
    found += [_candidate(request, Match(customer, 0, ())) for customer in more]
    best = found[0]["match"].score if found else 0
    for place, each in enumerate(found):
        each["is_chosen"] = place == 0 and best >= FAIR
        score = each["match"].score
        each["is_unlikely"] = best >= GOOD and 0 < score < FAIR  # who was searched for has none
    return found


def _candidate(request: AccessRequest, match: Match) -> dict[str, Any]:
    customer = match.customer
    known, people = known_contact(request, customer), contact_lines(customer)
    return {
        "match": match,
        "customer": customer,
        "detail": _detail(customer, len(people)),
        "tone": "ok" if match.score >= GOOD else "warn",
        "reasons": [REASONS[reason] for reason in match.reasons],
        "contacts": [(line.contact_id, f"{line.name} · {line.email or '—'}") for line in people],
        "known": known.contact_id if known else None,
    }


def _detail(customer: Customer, people: int) -> str:
    parts = [
        customer.number,
        str(customer.customer_group) if customer.customer_group else "",
        ngettext("%(num)d contact", "%(num)d contacts", people) if people else "",
    ]
    return " · ".join(part for part in parts if part)


def roles_to_choose() -> list[tuple[str, Any, str]]:
    """The roles, and what each of them opens in the portal."""
    return [(role.value, label, _opened_by(role)) for role, label in ContactRole.labels().items()]


def _opened_by(role: ContactRole) -> str:
    subjects = SUBJECTS_OF_ROLES[role]
    if subjects == EVERYTHING:
        return _("All of it, without answering quotes")
    said = ", ".join(str(word) for subject, word in SUBJECTS.items() if subject in subjects)
    return _("%(what)s; may answer them", what=said) if role is ANSWERING else said


def _tax_id(written: str, kind: str | None) -> Any:
    """As it is written, and that its check digit is right."""
    shown = shown_tax_id(written, kind)
    if not kind or not is_tax_id(written, kind):
        return shown
    return Markup('{} <span class="t-ok small text-nowrap">{} {}</span>').format(
        shown, icon("circle-check"), _("right check digit")
    )


def _answer(text: str) -> str:
    return {"yes": _("Yes"), "no": _("No")}.get(text, text)
