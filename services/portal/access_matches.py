"""Which customer somebody who asks for access may belong to, with a score and its reasons (X0-03). Staff only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.people.contact import ContactEmail, CustomerContact
from models.people.customer import Customer
from models.portal.access_request import AccessRequest
from models.sales.document import Document
from models.sales.document_state import DocumentState
from services.portal.tax_id_masks import bare_tax_id

MOST = 5
LEAST = 10  # percent; below, nothing speaks for a customer
ALIKE = 0.3  # of pg_trgm's similarity; below, two names have little in common
# Domains that say nothing of a company.
EVERYBODYS = frozenset(
    {
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.es", "live.com"),
        *("yahoo.com", "yahoo.es", "icloud.com", "me.com", "msn.com", "aol.com", "gmx.com"),
        *("proton.me", "protonmail.com", "zoho.com", "mail.com", "yandex.com"),
    }
)


class Reason(StrEnum):
    """What speaks for a customer, or against."""

    SAME_TAX_ID = "same_tax_id"
    OTHER_TAX_ID = "other_tax_id"
    KNOWN_CONTACT = "known_contact"
    SAME_DOMAIN = "same_domain"
    OWN_DOCUMENT = "own_document"
    SAME_NAME = "same_name"
    SIMILAR_NAME = "similar_name"


WEIGHTS = {
    Reason.SAME_TAX_ID: 60,
    Reason.OTHER_TAX_ID: -10,
    Reason.KNOWN_CONTACT: 35,
    Reason.SAME_DOMAIN: 15,
    Reason.OWN_DOCUMENT: 15,
    Reason.SAME_NAME: 45,
    Reason.SIMILAR_NAME: 45,  # as far as it is similar
}


@dataclass(frozen=True)
class Match:
    """A customer with what speaks for it; `detail` is the document that was named."""

    customer: Customer
    score: int
    reasons: Sequence[Reason]
    detail: str = ""


def matches_of(request: AccessRequest) -> list[Match]:
    """The customers that come into question, the likeliest first."""
    named = _documents_named(request)
    alike = _alike(request.company_name)
    of_address = _of_addresses(ContactEmail.address_norm == request.email_norm)
    domain = request.email_norm.rpartition("@")[2]
    of_domain = (
        set()
        if domain in EVERYBODYS
        else _of_addresses(func.split_part(ContactEmail.address_norm, "@", 2) == domain)
    )
    keys = {*_of_tax_id(request.tax_id), *of_address, *of_domain, *named, *alike}
    found = [
        _judged(request, customer, alike.get(customer.id, 0), of_address, of_domain, named)
        for customer in _customers(keys)
    ]
    likely = [match for match in found if match.score >= LEAST]
    return sorted(likely, key=lambda match: (-match.score, match.customer.sort_name))[:MOST]


def _judged(
    request: AccessRequest,
    customer: Customer,
    likeness: float,
    of_address: set[int],
    of_domain: set[int],
    named: dict[int, str],
) -> Match:
    reasons = []
    theirs, ours = bare_tax_id(request.tax_id), bare_tax_id(customer.tax_id or "")
    if theirs and ours:
        reasons.append(Reason.SAME_TAX_ID if theirs == ours else Reason.OTHER_TAX_ID)
    if customer.id in of_address:
        reasons.append(Reason.KNOWN_CONTACT)
    elif customer.id in of_domain:
        reasons.append(Reason.SAME_DOMAIN)
    if customer.id in named:
        reasons.append(Reason.OWN_DOCUMENT)
    if likeness >= ALIKE:
        reasons.append(Reason.SAME_NAME if likeness >= 1 else Reason.SIMILAR_NAME)
    weights = dict(WEIGHTS) | {Reason.SIMILAR_NAME: round(WEIGHTS[Reason.SIMILAR_NAME] * likeness)}
    score = max(0, min(100, sum(weights[reason] for reason in reasons)))
    return Match(customer, score, tuple(reasons), named.get(customer.id, ""))


def _customers(keys: Iterable[int]) -> Sequence[Customer]:
    return db.session.scalars(
        select(Customer)
        .where(Customer.id.in_(list(keys)))
        .options(joinedload(Customer.customer_group))
    ).all()


def _of_tax_id(tax_id: str) -> set[int]:
    bare = bare_tax_id(tax_id)
    if not bare:
        return set()
    stored = func.upper(func.regexp_replace(Customer.tax_id, "[^A-Za-z0-9]", "", "g"))
    return set(db.session.scalars(select(Customer.id).where(stored == bare).limit(MOST * 4)))


def _of_addresses(which: object) -> set[int]:
    query = (
        select(CustomerContact.customer_id)
        .join(ContactEmail, ContactEmail.contact_id == CustomerContact.contact_id)
        .where(which)  # type: ignore[arg-type]
        .distinct()
        .limit(MOST * 4)
    )
    return set(db.session.scalars(query))


def _alike(name: str) -> dict[int, float]:
    """Customers whose name, or legal name, is like this one, and how much."""
    if not name.strip():
        return {}
    wanted = func.fold(name)
    likeness = func.greatest(
        func.similarity(Customer.sort_name, wanted),
        func.similarity(func.fold(func.coalesce(Customer.legal_name, "")), wanted),
    )
    rows = db.session.execute(
        select(Customer.id, likeness)
        .where(likeness >= ALIKE)
        .order_by(likeness.desc(), Customer.id)
        .limit(MOST * 2)
    )
    return {key: float(value) for key, value in rows}


def _documents_named(request: AccessRequest) -> dict[int, str]:
    """Whose documents were named in the answers, such as the last invoice that somebody got."""
    words = {
        word.strip("«»\"'.,;()").upper()
        for given in request.answers.values()
        for word in str(given.get("answer", "")).split()[:20]
    }
    labels = [word for word in words if any(sign.isdecimal() for sign in word)]
    if not labels:
        return {}
    rows = db.session.execute(
        select(Document.customer_id, Document.label)
        .where(Document.label.in_(labels), Document.state != DocumentState.DRAFT)
        .limit(MOST)
    )
    return {row.customer_id: row.label for row in rows}
