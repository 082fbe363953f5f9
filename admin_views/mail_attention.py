"""The line of “Para atender” about what customers wrote by e-mail."""

from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.attention import Attention, page
from admin_views.identity import current_staff
from services.mailbox.unanswered_mail import WAITS_DAYS, unanswered_by


def mail_matters() -> Iterator[Attention]:
    """What of it nobody has answered (X3-06)."""
    staff = current_staff()
    waiting = unanswered_by(staff.user) if staff.rights.allows("message", "view") else 0
    if waiting:
        yield Attention(
            tone="warn",
            icon="mail-question",
            title=ngettext(
                "%(num)d conversation by e-mail waits for an answer",
                "%(num)d conversations by e-mail wait for an answer",
                waiting,
            ),
            text=_("The customer had the last word, more than %(days)s days ago.", days=WAITS_DAYS),
            url=page("mail_area.index", only="unanswered"),
            action=_("See conversations"),
        )
