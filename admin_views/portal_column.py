"""How far the contacts of a list have got with the portal: a column of theirs, and its words for a file."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from admin_views.columns import Described
from admin_views.portal_members import NOT_INVITED
from admin_views.state_badges import badge, state_badge
from models.portal.portal_user import MembershipState, PortalMembership
from models.states import state_word

PORTAL = Described("portal", _l("Portal"), {"list": False}, PortalMembership.__table__.c.state)


def portal_cell(states: Sequence[MembershipState]) -> Any:
    """The state at their customer; of several customers the furthest one, and at how many others they are."""
    if not states:
        return badge(_("Not invited"), NOT_INVITED)
    more = len(states) - 1
    shown = state_badge(states[0])
    if not more:
        return shown
    words = ngettext("and %(num)d more", "and %(num)d more", more)
    return Markup('{} <span class="small dim">{}</span>').format(shown, words)


def portal_words(states: Sequence[MembershipState]) -> str:
    return ", ".join(str(state_word(each)) for each in states) or _("Not invited")
