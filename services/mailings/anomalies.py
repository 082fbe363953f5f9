"""Finding what looks odd in a mailing, at the end of registering and in what is added later (N-03).

A few queries for all messages together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, text

from mail.merge import fields_in
from models.base import db, utc_now
from models.mailings.anomaly import AnomalyKind, MailingAnomaly
from models.mailings.mailing import Mailing
from models.people.organization import Organization
from models.sales.document_state import DocumentKind
from services.mailbox.letterheads import around
from services.mailbox.sender_fields import SENDER_FIELDS, sender_values
from services.mailings.anomaly_queries import (
    EMPTY_FIELD,
    END,
    EXCLUSION_QUERIES,
    KEEP,
    MESSAGE_QUERIES,
    STATEMENT_ALONE,
)

LARGE_BYTES = 10_000_000  # many companies' servers take no more
YEAR = timedelta(days=365)
# Many messages were written a moment ago and have no statistics: taken for a few, each would be looked up alone. Few
# are looked up alone indeed, whatever else the ledger holds.
MANY = 1_000
SET_WISE = text("SET LOCAL enable_nestloop = off")
AS_USUAL = text("SET LOCAL enable_nestloop = on")
# Fields that may be empty: of each message, and of all messages alike.
OF_MESSAGES = {"customer.name", "customer.number", "customer.tax_id", "contact.name"}
OF_ORGANIZATION = {
    "organization.name": "name",
    "organization.phone": "phone",
    "organization.email": "email",
    "organization.website": "website",
}
OF_SENDER = set(SENDER_FIELDS)
OF_MAILING = {"period.start": "period_start", "period.end": "period_end"}
# A text with one of these asks for what is owed.
OF_DEBT = {"document.due_date", "document.balance", "documents.balance"}


def find_anomalies(mailing: Mailing) -> None:
    """Write down what is odd; what was found before goes."""
    db.session.execute(delete(MailingAnomaly).where(MailingAnomaly.mailing_id == mailing.id))
    organization = db.session.get_one(Organization, mailing.organization_id)
    if (mailing.planned_count or 0) > MANY:
        db.session.execute(SET_WISE)
    _note_odd(mailing, organization, (*EXCLUSION_QUERIES, *MESSAGE_QUERIES), late=None)
    used = _fields_by_language(mailing)
    _note_empty_for_all(mailing, organization, set().union(*used.values()))
    db.session.execute(AS_USUAL)


def find_late_anomalies(mailing: Mailing, late: Sequence[int]) -> None:
    """The same for messages that a person has added since, among those that there were."""
    organization = db.session.get_one(Organization, mailing.organization_id)
    _note_odd(mailing, organization, MESSAGE_QUERIES, late=list(late))


def _note_odd(
    mailing: Mailing, organization: Organization, queries: Sequence[str], *, late: list[int] | None
) -> None:
    today = datetime.now(ZoneInfo(organization.timezone)).date()
    known = {
        "organization": organization.id,
        "mailing": mailing.id,
        "late": late,
        "today": today,
        "year_ago": today - YEAR,
        "large": LARGE_BYTES,
    }
    for query in queries:
        db.session.execute(text(KEEP + query + END), known)
    used = _fields_by_language(mailing)
    pairs = [(lang, field) for lang, names in used.items() for field in names & OF_MESSAGES]
    if pairs:
        langs, fields = zip(*sorted(pairs), strict=True)
        asked = {"langs": list(langs), "fields": list(fields)}
        db.session.execute(text(KEEP + EMPTY_FIELD + END), known | asked)
    of_invoices = _langs_of_invoices(mailing, used)
    if of_invoices:
        db.session.execute(text(KEEP + STATEMENT_ALONE + END), known | {"langs": of_invoices})


def _langs_of_invoices(mailing: Mailing, used: dict[str, set[str]]) -> list[str]:
    """The languages whose text does not fit a statement that comes to nothing or less; none where no statements go.

    A text is about invoices if the mailing sends any beside the statements, or if it speaks of a debt.
    """
    kinds = {range_.kind for range_ in mailing.ranges}
    if DocumentKind.STATEMENT not in kinds:
        return []
    is_mixed = len(kinds) > 1
    return sorted(lang for lang, names in used.items() if is_mixed or names & OF_DEBT)


def _fields_by_language(mailing: Mailing) -> dict[str, set[str]]:
    """Which fields are used in the text of each language; what stands around the text is in all of them."""
    stands = around(mailing.account).texts
    texts = {mailing.lang: (mailing.subject, mailing.body_html)}
    for lang, variant in mailing.variants.items():
        texts.setdefault(lang, (variant["subject"], variant["body_html"]))
    return {lang: _fields_in((*words, *stands)) for lang, words in texts.items()}


def _fields_in(texts: Iterable[str]) -> set[str]:
    return set().union(*(fields_in(text) for text in texts))


def _note_empty_for_all(mailing: Mailing, organization: Organization, used: set[str]) -> None:
    """What is empty in every message is one thing to look at, not ten thousand."""
    empty = [
        field
        for owner, names in ((organization, OF_ORGANIZATION), (mailing, OF_MAILING))
        for field, attribute in names.items()
        if field in used and not getattr(owner, attribute)
    ]
    if used & OF_SENDER:
        said = sender_values(mailing.account, organization)
        empty += [field for field in sorted(used & OF_SENDER) if not said[field]]
    if empty:
        now = utc_now()
        common = {
            "organization_id": mailing.organization_id,
            "mailing_id": mailing.id,
            "kind": AnomalyKind.EMPTY_FIELD,
            "created_at": now,
            "updated_at": now,
        }
        db.session.execute(
            insert(MailingAnomaly), [common | {"detail": {"field": field}} for field in empty]
        )
