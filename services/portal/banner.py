"""The announcement above the home page of the portal."""

from datetime import date

from markupsafe import Markup

from mail.markup import without_active
from models.portal.portal_settings import PortalSettings
from services.portal.languages import said_in


def banner_of(settings: PortalSettings, lang: str, today: date, *, own: str) -> Markup | None:
    """What is announced on this day in this language, else in the company's own or in any; None if nothing is."""
    begins, ends = settings.banner_from, settings.banner_to
    if (begins is not None and today < begins) or (ends is not None and today > ends):
        return None
    text = said_in(settings.banner, lang, own=own)
    return Markup(without_active(text)) if text else None  # nosec B704  # cleaned
