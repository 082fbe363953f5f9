"""The second saver: what only one of two people changed joins by itself; where both changed, the saver chooses.

A form carries the version it was made from and a fingerprint of every field, so that what changed since can be
told for both sides without keeping old versions.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views import reader_formats as reader
from admin_views.fields import RolesField
from admin_views.file_field import StoredFileField
from admin_views.lines import LinesField
from admin_views.saving import NOT_OF_THE_RECORD
from models.audit_trail import plain
from models.base import db, utc_now
from models.states import state_word
from models.system.audit_event import AuditEvent


@dataclass(frozen=True)
class Difference:
    """A field that both have changed."""

    name: str
    label: str
    before: str
    theirs: str
    mine: str


@dataclass
class Conflict:
    """What the page asks and tells."""

    who: str
    when: str
    differences: list[Difference] = field(default_factory=list)
    merged: list[tuple[str, str, str, str]] = field(default_factory=list)


def arm(form: Any, record: Any) -> None:
    """Put version and fingerprint into a form that is about to be shown for the first time."""
    _hide(form.row_version, str(record.version))
    prints = {name: _print(form[name]) for name in _names(form)}
    _hide(form.row_base, json.dumps({"at": utc_now().isoformat(), "of": prints}))
    _hide(form.row_asked, "")


def conflict_of(form: Any, fresh: Any, record: Any) -> Conflict | None:
    """None when the form may be saved; else it is merged as far as possible, and the rest is asked.

    `fresh` is a form made from the record as it stands now.
    """
    stale = form.row_version.data != str(record.version)
    if not stale and not form.row_asked.data:
        return None
    base, since = _base(form)
    events = _events(record, since)
    last = events[0] if events else None
    who = (last.actor_name if last else None) or _("Somebody else")
    conflict = Conflict(who=who, when=reader.ago(last.at) if last else "")
    for name in _names(form):
        mine, theirs = form[name], fresh[name]
        if _text(mine) == _text(theirs):
            continue
        mine_changed = _print(mine) != base.get(name)
        theirs_changed = _print(theirs) != base.get(name)
        label = str(mine.label.text)
        if theirs_changed and not mine_changed:
            conflict.merged.append((label, _before(events, name), _shown(theirs), who))
            _take(mine, record, name)
        elif mine_changed and not theirs_changed:
            conflict.merged.append((label, _shown(theirs), _shown(mine), _("You")))
        elif request.form.get(f"keep-{name}") == "theirs":
            _take(mine, record, name)
        elif request.form.get(f"keep-{name}") != "mine":
            before = _before(events, name)
            conflict.differences.append(
                Difference(name, label, before, _shown(theirs), _shown(mine))
            )
    _hide(form.row_version, str(record.version))
    _hide(form.row_asked, ",".join(one.name for one in conflict.differences))
    return conflict if stale or conflict.differences else None


def _names(form: Any) -> list[str]:
    return [
        n
        for n, one in form._fields.items()
        if n not in NOT_OF_THE_RECORD and one.type != "SecretField"
    ]


def _hide(hidden: Any, value: str) -> None:
    hidden.data = value
    hidden.raw_data = None


def _take(mine: Any, record: Any, name: str) -> None:
    """The field says what the record says."""
    mine.process(None, getattr(record, name))
    mine.errors = []


def _text(one: Any) -> str:
    """A field's value as text that can be compared, whatever notation it was typed in."""
    if isinstance(one, LinesField):
        return json.dumps([[_text(part) for part in entry.form] for entry in one.kept])
    value = one.data
    if value is None or value == "":
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if hasattr(value, "id"):
        return str(value.id)
    if isinstance(value, list):
        return ",".join(sorted(map(str, value)))
    return str(plain(value))


def _print(one: Any) -> str:
    return hashlib.sha256(_text(one).encode()).hexdigest()[:12]


def _shown(one: Any) -> str:
    """A field's value for people."""
    if isinstance(one, LinesField):
        return ngettext("%(num)d line", "%(num)d lines", len(one.kept))
    value = one.data
    if value is None or value == "":
        return ""
    if isinstance(one, StoredFileField):
        return one.file_name
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, StrEnum):
        return str(state_word(value))
    if isinstance(one, RolesField):
        return ", ".join(str(state_word(one.kind(part))) for part in value)
    if isinstance(value, Decimal):
        return reader.number(value)
    if isinstance(value, datetime):
        return reader.moment(value)
    if hasattr(value, "year"):
        return reader.day(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _base(form: Any) -> tuple[dict[str, str], datetime | None]:
    """The fingerprints and the time of the first showing; without them, everything may have changed."""
    try:
        stored = json.loads(form.row_base.data or "{}")
        return dict(stored["of"]), datetime.fromisoformat(stored["at"])
    except (ValueError, KeyError, TypeError):
        return {}, None


def _events(record: Any, since: datetime | None) -> list[AuditEvent]:
    """What was saved since, the newest first."""
    query = AuditEvent.history_of(type(record).__tablename__, record.id).limit(50)
    events = list(db.session.scalars(query).all())
    return [one for one in events if since is None or one.at >= since] or events[:1]


def _before(events: list[AuditEvent], name: str) -> str:
    """The value of a field before the first of these events."""
    for event in reversed(events):
        for key in (name, f"{name}_id"):
            if event.before and event.before.get(key) is not None and key == name:
                return str(event.before[key])
    return ""
