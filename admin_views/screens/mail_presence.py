"""Who else is at the open conversation, and what has come while one was writing (X3-01)."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import moment
from admin_views.screens.mail_door import blueprint, reader
from admin_views.screens.mail_times import mail_times
from models.base import db
from models.mailbox.thread_presence import PresenceMode
from services.mailbox.conversation import thread_to_read
from services.mailbox.meanwhile import Meanwhile, meanwhile
from services.mailbox.presence import Present, leave_presence, note_presence, others_at


@blueprint.post("/presence/<uuid:public_id>")
def tell_presence(public_id: uuid.UUID) -> ResponseReturnValue:
    """One reads, or writes, here; the answer says who else does. With `leaves`, one does not any more."""
    person = reader()
    try:
        mode = PresenceMode(request.form.get("mode", ""))
    except ValueError:
        abort(400)
    is_writing = mode is PresenceMode.WRITING
    if is_writing:
        reader("edit")
    thread = thread_to_read(public_id, person)
    if request.form.get("leaves") == "1":
        leave_presence(thread, person, mode)
        db.session.commit()
        return "", 204
    note_presence(thread, person, mode)
    words = presence_words(others_at(thread, person))
    if is_writing and (begun := begun_at()):
        words += meanwhile_words(meanwhile(thread, begun, person))
    db.session.commit()
    return jsonify(words=" ".join(words))


def begun_at() -> datetime | None:
    """When the page was opened on which an answer is written, as it says itself."""
    try:
        begun = datetime.fromisoformat(request.form.get("begun", ""))
    except ValueError:
        return None
    return begun if begun.tzinfo else None


def presence_words(people: Sequence[Present]) -> list[str]:
    """Who writes, then who reads."""
    writing = [each.name for each in people if each.is_writing]
    reading = [each.name for each in people if not each.is_writing]
    words = []
    if writing:
        words.append(
            ngettext(
                "%(names)s is writing an answer.",
                "%(names)s are writing answers.",
                len(writing),
                names=", ".join(writing),
            )
        )
    if reading:
        words.append(
            ngettext(
                "%(names)s is looking at this, too.",
                "%(names)s are looking at this, too.",
                len(reading),
                names=", ".join(reading),
            )
        )
    return words


def meanwhile_words(found: Sequence[Meanwhile]) -> list[str]:
    """A sentence for each."""
    times = mail_times()
    words = []
    for each in found:
        name, when = each.name, times.short(each.at)
        if each.leaves:
            when = moment(each.at)
            words.append(_("%(name)s has answered: it leaves on %(when)s.", name=name, when=when))
        elif each.is_answer:
            words.append(_("%(name)s has answered meanwhile (%(when)s).", name=name, when=when))
        else:
            words.append(_("%(name)s has written meanwhile (%(when)s).", name=name, when=when))
    return words
