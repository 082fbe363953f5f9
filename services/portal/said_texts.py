"""What an organization says on the pages of its door, such as its terms: the group's words, else its parents', else its own."""

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy import select

from mail.page_html import page_html
from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import PortalText, PortalTextKind
from services.portal.group_levels import levels_of
from services.portal.languages import company_language, said_in


def said_text(kind: PortalTextKind, group: CustomerGroup | None, lang: str) -> PortalText | None:
    """The current text for this group in this language, else in the company's own or in any; None if nothing was written."""
    written: Sequence[PortalText] = db.session.scalars(PortalText.current(kind)).all()
    for level in levels_of(group):
        here = {each.lang: each for each in written if each.customer_group_id == level}
        chosen = said_in(here, lang, own=company_language())
        if chosen is not None and chosen.body_html.strip():
            return chosen
    return None


def group_with_code(code: str) -> CustomerGroup | None:
    """The group whose door this is, if it uses the portal; None for all others, without a word."""
    found: CustomerGroup | None = db.session.scalar(
        select(CustomerGroup).where(CustomerGroup.code == code, CustomerGroup.uses_portal)
    )
    return found


def said_html(kind: PortalTextKind, group: CustomerGroup | None, lang: str) -> Markup | None:
    """What is said, to be shown on a page of ours; None if nothing was written."""
    text = said_text(kind, group, lang)
    return shown_html(text) if text is not None else None


def shown_html(text: PortalText) -> Markup:
    """A text as a page shows it."""
    return Markup(page_html(text.body_html))  # nosec B704  # cleaned
