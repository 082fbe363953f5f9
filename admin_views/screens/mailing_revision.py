"""The revision line of a mailing: which text, who wrote and changed it, who registered and started it, and when (S1-21)."""

from datetime import datetime

from flask_babel import gettext as _

from admin_views.audit_words import who
from admin_views.reader_formats import language, moment, zone
from models.base import db
from models.mailings.mailing import Mailing
from models.system.audit_event import AuditEvent
from services.mailings.mailing_list import name_of_person


def revision_words(mailing: Mailing) -> str:
    """`Revision no. 2 of the text · created by Lucía, … · changed by Íñigo, … · registered by Lucía, … · started by …`."""
    said = [
        _(
            "Revision no. %(number)s of the text · created by %(name)s, %(time)s",
            number=mailing.text_revision,
            name=_name(mailing.created_by_id),
            time=_time(mailing.created_at),
        )
    ]
    changed = _last_change(mailing)
    if changed is not None:
        editor = who(changed) if changed.actor_kind == "user" else _("the system")
        said.append(_("changed by %(name)s, %(time)s", name=editor, time=_time(changed.at)))
    if mailing.registered_at is not None:
        name, time = _name(mailing.registered_by_id), _time(mailing.registered_at)
        said.append(_("registered by %(name)s, %(time)s", name=name, time=time))
    if mailing.started_at is not None:
        said.append(_started(mailing.started_by_id, _time(mailing.started_at)))
    return " · ".join(said)


def _last_change(mailing: Mailing) -> AuditEvent | None:
    """Who wrote the present revision, if it is not the first: only what a person wrote again counts as a change."""
    if mailing.text_revision == 1:
        return None
    found: AuditEvent | None = db.session.scalars(
        AuditEvent.history_of("mailing", mailing.id)
        .where(AuditEvent.action == "update", AuditEvent.after.has_key("text_revision"))
        .limit(1)
    ).first()
    return found


def _started(person_id: int | None, time: str) -> str:
    if person_id is None:
        return _("started automatically, %(time)s", time=time)
    return _("started by %(name)s, %(time)s", name=_name(person_id), time=time)


def _name(person_id: int | None) -> str:
    return name_of_person(person_id) or _("the system")


def _time(at: datetime) -> str:
    return f"{at.astimezone(zone()):%d/%m/%Y, %H:%M}" if language() == "es" else moment(at)
