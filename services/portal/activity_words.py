"""When staff hears of what customers do, kind by kind (S2-11)."""

from models.portal.portal_event import QUIET, PortalEventKind
from models.portal.portal_settings import PortalSettings, WhenTold


def when_told(settings: PortalSettings, kind: PortalEventKind) -> WhenTold:
    """What was chosen for this kind; as usual where nobody has chosen."""
    chosen = settings.notify.get(kind.value)
    return WhenTold(chosen) if chosen in set(WhenTold) else usually(kind)


def usually(kind: PortalEventKind) -> WhenTold:
    """At once; never for what happens all day long."""
    return WhenTold.NEVER if kind in QUIET else WhenTold.AT_ONCE
