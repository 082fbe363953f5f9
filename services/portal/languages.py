"""In which language customers are spoken to: what their portal offers, and what comes next where a text lacks theirs."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.portal.portal_settings import PORTAL_LANGUAGES, PortalSettings
from models.tenancy import current_scope

Words = TypeVar("Words")


def offered_languages(settings: PortalSettings, organization: Organization) -> Sequence[str]:
    """What this portal can be read in, the company's own language first: who asks for none of them reads that."""
    offered = [each for each in PORTAL_LANGUAGES if each in settings.languages]
    return sorted(offered, key=lambda each: each != organization.default_lang) or [
        organization.default_lang
    ]


def spoken_to(lang: str) -> str:
    """The language in which somebody who wants `lang` is written to: that one, or the company's where it is not offered."""
    organization = db.session.get_one(Organization, current_scope().organization_id)
    offered = offered_languages(db.session.scalars(select(PortalSettings)).one(), organization)
    return lang if lang in offered else offered[0]


def company_language() -> str:
    """The company's own."""
    return db.session.get_one(Organization, current_scope().organization_id).default_lang


def said_in(words: Mapping[str, Words], lang: str, *, own: str) -> Words | None:
    """What is said in this language, else in the company's `own`, else in any (decision record 0057)."""
    for each in (lang, own, *sorted(words)):
        if words.get(each):
            return words[each]
    return None
