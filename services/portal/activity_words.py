"""When staff hears of what customers do, kind by kind (S2-11), and which documents it was about."""

from flask_babel import ngettext

from models.portal.portal_event import QUIET, PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings, WhenTold

MOST_NAMED = 5


def when_told(settings: PortalSettings, kind: PortalEventKind) -> WhenTold:
    """What was chosen for this kind; as usual where nobody has chosen."""
    chosen = settings.notify.get(kind.value)
    return WhenTold(chosen) if chosen in set(WhenTold) else usually(kind)


def usually(kind: PortalEventKind) -> WhenTold:
    """At once; never for what happens all day long."""
    return WhenTold.NEVER if kind in QUIET else WhenTold.AT_ONCE


def documents_in(event: PortalEvent) -> str:
    """The document of an event, or the first of those that were taken together and how many more there were."""
    if event.document is not None:
        return event.document.label
    labels = [str(each) for each in event.detail.get("documents", ())]
    named, more = ", ".join(labels[:MOST_NAMED]), len(labels) - MOST_NAMED
    if more <= 0:
        return named
    text: str = ngettext(
        "%(named)s and %(num)d more", "%(named)s and %(num)d more", more, named=named
    )
    return text
