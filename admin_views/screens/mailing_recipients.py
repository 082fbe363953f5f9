"""Who gets a mailing: state, reason, attempts; filter, search, export; and doubts that a person settles (S1-16)."""

import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import language, number
from admin_views.screens.mailing_door import allows, blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_recipient import Story, badge_of, reason_of, roles_words, story_of
from admin_views.screens.mailing_words import reason_words
from admin_views.stored_files import disposition
from errors import Conflict
from files.sheet_writing import csv_chunks, write_xlsx
from jobs.mailings import deliver_due
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.tenancy import because
from services.mailings.recipient_lines import Outcome, Recipient, Wanted
from services.mailings.recipients import (
    RecipientPage,
    count_recipients,
    delivery_of,
    every_recipient,
    recipient_at,
    recipients_of,
)
from services.mailings.resolve import Resolution, resolve_doubt

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ICONS = {
    Outcome.SENT: "send",
    Outcome.FAILED: "shield-x",
    Outcome.UNCONFIRMED: "mail-question",
    Outcome.WAITING: "clock-pause",
    Outcome.EXCLUDED: "user-off",
}


@blueprint.get("/<uuid:public_id>/recipients")
def recipients(public_id: uuid.UUID) -> ResponseReturnValue:
    """A page of the list; only the table when htmx asks for it; `open` is the line whose story is told."""
    mailing = the_mailing(public_id)
    wanted = _wanted()
    page = recipients_of(
        mailing, wanted, after=request.args.get("after"), before=request.args.get("before")
    )
    counts = count_recipients(mailing)
    title = _("List of recipients")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (title, None))
    part = request.headers.get("HX-Target") == "list"
    return render_template(
        "admin/mailings/_recipients.html" if part else "admin/mailings/recipients.html",
        title=title,
        subtitle=_("Mailing no. %(number)s, %(title)s", number=mailing.number, title=mailing.title),
        mailing=mailing,
        rows=[_line(mailing, row) for row in page.rows],
        views=_views(mailing, counts, wanted),
        wanted=wanted,
        reason=reason_words(wanted.reason),
        reason_url=_url(mailing, replace(wanted, reason=None)),
        all_url=_url(mailing, Wanted()),
        story=_story(mailing),
        pager=_pager(mailing, wanted, page, counts),
        exports=[
            (kind.upper(), _url(mailing, wanted, "export", format=kind)) for kind in ("xlsx", "csv")
        ],
        return_url=console_url(mailing),
    )


@blueprint.get("/<uuid:public_id>/recipients/export")
def export(public_id: uuid.UUID) -> ResponseReturnValue:
    """The list as it is filtered, as a sheet."""
    mailing = the_mailing(public_id)
    header = [
        _("Number"), _("Third party"), _("Contact"), _("Address"), _("Role"), _("Documents"),
        _("State"), _("Reason"), _("Sent"), _("Attempts"), _("Server's answer"),
    ]  # fmt: skip
    rows = _cells(mailing)
    name = _("mailing-%(number)s-recipients", number=mailing.number)
    if request.args.get("format") == "csv":
        mark = "," if language() == "es" else "."
        answer = Response(csv_chunks(header, list(rows), decimal_mark=mark), mimetype="text/csv")
        answer.headers["Content-Disposition"] = disposition("attachment", f"{name}.csv")
        return answer
    sheet = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    write_xlsx(header, rows, sheet, sheet_name=name)
    sheet.seek(0)
    return send_file(sheet, XLSX, as_attachment=True, download_name=f"{name}.xlsx")


@blueprint.post("/<uuid:public_id>/recipients/<uuid:delivery_id>/resolve")
def resolve(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    """*Sent* or *send again*, with who and why in the audit; nobody but a person decides this."""
    mailing = the_mailing(public_id, "resolve")
    back = _url(mailing, _wanted(), open=delivery_id)
    reason = request.form.get("why", "").strip()[:500]
    if request.form.get("as") not in set(Resolution):
        abort(404)
    if not reason:
        flash(_("Say why: it is kept with the decision."), "bad")
        return redirect(back)
    because(reason)
    try:
        resolve_doubt(delivery_of(mailing, delivery_id), Resolution(request.form["as"]))
    except Conflict as problem:
        db.session.rollback()
        flash(problem.message)
        return redirect(back)
    db.session.commit()
    deliver_due.enqueue()
    flash(_("Noted."))
    return redirect(back)


def _wanted() -> Wanted:
    show, reason = request.args.get("show", ""), request.args.get("reason", "")
    return Wanted(
        outcome=Outcome(show) if show in set(Outcome) else Outcome.ALL,
        reason=ReasonCode(reason) if reason in set(ReasonCode) else None,
        search=request.args.get("search", "").strip()[:200],
    )


def _url(mailing: Mailing, wanted: Wanted, page: str = "recipients", **more: Any) -> str:
    asked: dict[str, Any] = {
        "show": wanted.outcome.value if wanted.outcome is not Outcome.ALL else None,
        "reason": wanted.reason.value if wanted.reason else None,
        "search": wanted.search or None,
    }
    return url_for(f"mailing_console.{page}", public_id=mailing.public_id, **asked, **more)


def _line(mailing: Mailing, row: Recipient) -> dict[str, Any]:
    url = None
    if row.public_id is not None:
        place = {k: request.args[k] for k in ("after", "before") if k in request.args}
        url = _url(mailing, _wanted(), open=row.public_id, **place)
    return {
        "row": row,
        "url": url,
        "is_open": str(row.public_id) == request.args.get("open"),
        "badge": badge_of(row),
        "reason": reason_of(row),
        "roles": roles_words(row.role),
    }


def _views(mailing: Mailing, counts: dict[Outcome, int], wanted: Wanted) -> list[dict[str, Any]]:
    words = {
        Outcome.ALL: _("All"),
        Outcome.SENT: _("Sent"),
        Outcome.FAILED: _("Failed"),
        Outcome.UNCONFIRMED: _("Unconfirmed"),
        Outcome.WAITING: _("To be sent"),
        Outcome.EXCLUDED: _("Excluded"),
    }
    return [
        {
            "label": words[outcome],
            "count": number(counts[outcome]),
            "icon": ICONS.get(outcome),
            "url": _url(mailing, Wanted(outcome, search=wanted.search)),
            "is_current": outcome is wanted.outcome,
        }
        for outcome in Outcome
        if counts[outcome] or outcome in (Outcome.ALL, wanted.outcome)
    ]


def _story(mailing: Mailing) -> Story | None:
    """What happened to the message that is open."""
    try:
        key = uuid.UUID(request.args.get("open", ""))
    except ValueError:
        return None
    delivery = delivery_of(mailing, key)
    resolve_url = _url(mailing, _wanted(), "resolve", delivery_id=key)
    return story_of(
        mailing,
        delivery,
        recipient_at(mailing, key),
        resolve_url=resolve_url if allows("resolve") else None,
        close_url=_url(mailing, _wanted()),
    )


def _cells(mailing: Mailing) -> Iterator[list[Any]]:
    for row in every_recipient(mailing, _wanted()):
        yield [
            row.customer_number,
            row.customer,
            row.contact,
            row.address,
            row.role,
            ", ".join(row.documents),
            row.state.value,
            row.reason.value if row.reason else None,
            row.sent_at.replace(tzinfo=None) if row.sent_at else None,
            row.attempts,
            row.smtp_code,
        ]


def _pager(
    mailing: Mailing, wanted: Wanted, page: RecipientPage, counts: dict[Outcome, int]
) -> dict[str, Any]:
    is_narrowed = bool(wanted.reason or wanted.search)
    text = (
        _("%(n)s on this page", n=number(len(page.rows)))
        if is_narrowed
        else _("%(n)s of %(total)s", n=number(len(page.rows)), total=number(counts[wanted.outcome]))
    )
    return {
        "text": text,
        "first": _url(mailing, wanted) if page.before else None,
        "previous": _url(mailing, wanted, before=page.before) if page.before else None,
        "next": _url(mailing, wanted, after=page.after) if page.after else None,
        "last": None,
    }
