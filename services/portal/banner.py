"""The announcement above the home page of the portal."""

from datetime import date

from markupsafe import Markup

from mail.markup import without_active
from models.portal.portal_settings import PortalSettings


def banner_of(settings: PortalSettings, lang: str, today: date) -> Markup | None:
    """What is announced on this day in this language, else in any; None if nothing is."""
    begins, ends = settings.banner_from, settings.banner_to
    if (begins is not None and today < begins) or (ends is not None and today > ends):
        return None
    texts = {language: text for language, text in settings.banner.items() if text}
    text = texts.get(lang) or next(iter(texts.values()), None)
    return Markup(without_active(text)) if text else None  # nosec B704  # cleaned
