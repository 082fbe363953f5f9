"""How an open invoice is paid, and since when that holds: what swindlers write elsewhere does not stand here (pains C-10)."""

from dataclasses import dataclass

from flask_babel import get_locale

from models.people.organization import Organization
from models.sales.document import Document
from portal.company_clock import there
from services.sales.formats import shown_date


@dataclass(frozen=True)
class HowToPay:
    """What the company says of it, in its own language."""

    text: str
    lang: str
    since: str


def how_to_pay(document: Document, organization: Organization) -> HowToPay | None:
    """None where nothing is to be paid, or the company says nothing of it."""
    text, since = organization.payment_instructions, organization.payment_instructions_since
    if not (text and since and document.is_owed):
        return None
    day = there(since, organization).date()
    return HowToPay(text, organization.default_lang, shown_date(day, str(get_locale() or "es")))
