"""All versions of one text of the portal: who wrote which when, what changed, and back to one of them (X0-09)."""

import difflib
import re
from itertools import pairwise
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.identity import current_staff
from admin_views.portal_place import EMAILS, TEXTS, asked_language, group_asked, page_head
from admin_views.reader_formats import moment
from errors import AppError, NotFound
from models.base import db
from models.people.customer_group import CustomerGroup
from models.people.user import User
from models.portal.portal_text import SECTIONS, PortalText, PortalTextKind
from services.portal.portal_texts import restore, revisions_of

RESOURCE = "portal_text"
GROUP = "/customer-groups/<int:group_id>/portal-texts/<kind>/versions"
COMPANY = "/preferences/portal/texts/<kind>/versions"
BLOCK_END = re.compile(r"(?<=</p>)|(?<=</li>)|(?<=<br>)|(?<=</h\d>)", re.IGNORECASE)
blueprint = Blueprint("portal_revisions", __name__)


@blueprint.get(GROUP)
@blueprint.get(COMPANY, defaults={"group_id": None})
def index(group_id: int | None, kind: str) -> ResponseReturnValue:
    """The versions, the newest first, each with what it changed."""
    current_staff().rights.require(RESOURCE, "view")
    group, of, lang = group_asked(group_id), _kind(kind), asked_language()
    rows = list(revisions_of(group, of, lang))
    return render_template(
        "admin/portal/revisions.html",
        **page_head(group, EMAILS if of in SECTIONS else TEXTS),
        text_label=PortalTextKind.labels()[of],
        lang=lang,
        lines=[_line(row, former) for row, former in pairwise([*rows, None]) if row],
        back_url=_back(group, of, lang),
        restore_url=url_for("portal_revisions.bring_back", group_id=group_id, kind=kind, lang=lang),
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
    )


@blueprint.post(GROUP)
@blueprint.post(COMPANY, defaults={"group_id": None})
def bring_back(group_id: int | None, kind: str) -> ResponseReturnValue:
    """Make a version current again."""
    current_staff().rights.require(RESOURCE, "edit")
    group, of, lang = group_asked(group_id), _kind(kind), asked_language()
    value = request.form.get("revision", "")
    revision = int(value) if value.isdecimal() and len(value) < 10 else 0
    try:
        restore(group, of, lang, revision)
        db.session.commit()
    except AppError as problem:
        db.session.rollback()
        flash(problem.message, "bad")
    else:
        flash(_("Version %(number)d holds again.", number=revision))
    return redirect(url_for("portal_revisions.index", group_id=group_id, kind=kind, lang=lang))


def _line(row: PortalText, former: PortalText | None) -> dict[str, Any]:
    author = db.session.scalar(select(User.name).where(User.id == row.created_by_id))
    return {
        "row": row,
        "who": author or _("The system"),
        "when": moment(row.created_at),
        "changes": _changes(former, row),
    }


def _changes(former: PortalText | None, row: PortalText) -> list[tuple[str, str]]:
    """Line by line: (`ins`, text), (`del`, text) or (``, text)."""
    marks = {"+": "ins", "-": "del", " ": ""}
    told = difflib.ndiff(_parts(former), _parts(row))
    return [(marks[each[0]], each[2:]) for each in told if each[0] in marks]


def _parts(row: PortalText | None) -> list[str]:
    if row is None:
        return []
    body = [part.strip() for part in BLOCK_END.split(row.body_html) if part and part.strip()]
    return ([row.subject] if row.subject else []) + body


def _kind(name: str) -> PortalTextKind:
    if name not in {kind.value for kind in PortalTextKind}:
        raise NotFound(_("There is no such text."))
    return PortalTextKind(name)


def _back(group: CustomerGroup | None, kind: PortalTextKind, lang: str) -> str:
    endpoint = "portal_emails.index" if kind in SECTIONS else "portal_texts.index"
    return url_for(endpoint, group_id=group.id if group is not None else None, lang=lang)
