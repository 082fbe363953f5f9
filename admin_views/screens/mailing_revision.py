"""The revision line of a mailing: which text, who made it and who changed it last, and when (S1-21)."""

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from admin_views.audit_words import who
from admin_views.reader_formats import language, moment, zone
from models.base import db
from models.mailings.mailing import Mailing
from models.system.audit_event import AuditEvent
from services.mailings.mailing_list import name_of_person


def revision_words(mailing: Mailing) -> str:
    """`Revision no. 2 of the text · made by Lucía, 12/07/2026, 10:31 · changed by Íñigo, …`.

    The audit says who was last: also starts and ends are changes of a mailing.
    """
    made: dict[str, Any] = {
        "number": mailing.text_revision,
        "name": name_of_person(mailing.created_by_id) or _("the system"),
        "time": _time(mailing.created_at),
    }
    last = db.session.scalars(AuditEvent.history_of("mailing", mailing.id).limit(1)).first()
    if last is None or last.action == "create":
        return _("Revision no. %(number)s of the text · created by %(name)s, %(time)s", **made)
    return _(
        "Revision no. %(number)s of the text · created by %(name)s, %(time)s · changed by %(editor)s, %(changed)s",
        editor=who(last) if last.actor_kind == "user" else _("the system"),
        changed=_time(last.at),
        **made,
    )


def _time(at: datetime) -> str:
    return f"{at.astimezone(zone()):%d/%m/%Y, %H:%M}" if language() == "es" else moment(at)
