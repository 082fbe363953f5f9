"""Who gets a mailing: state, reason, copies, channel; views, filter, search, and the answer beside a line (S1-16)."""

import uuid
from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_pgettext, ngettext

from admin_views.reader_formats import number
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_recipient import (
    badge_of,
    channel_words,
    missed_of,
    reason_of,
    roles_words,
    viewed_of,
)
from admin_views.screens.mailing_retry import no_retry_words, retry_url
from admin_views.screens.mailing_revision import revision_words
from admin_views.screens.mailing_why import Why, why_of
from admin_views.screens.mailing_words import reason_words
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from services.mailings.explained_case import case_named, case_of_delivery
from services.mailings.recipient_counts import RecipientCounts, count_recipients
from services.mailings.recipient_lines import Recipient
from services.mailings.recipient_views import Outcome, Wanted
from services.mailings.recipients import RecipientPage, delivery_of, recipients_of

ICONS = {
    Outcome.SENT: "send",
    Outcome.NOT_RECEIVED: "mail-x",
    Outcome.CAME_BACK: "mail-x",
    Outcome.FAILED: "shield-x",
    Outcome.UNCONFIRMED: "mail-question",
    Outcome.EXCLUDED: "user-off",
    Outcome.WAITING: "clock-pause",
    Outcome.REPLACED: "mail-forward",
    Outcome.CANCELLED: "ban",
}
ALWAYS_THERE = (Outcome.ALL, Outcome.SENT, Outcome.NOT_RECEIVED)


@blueprint.get("/<uuid:public_id>/recipients")
def recipients(public_id: uuid.UUID) -> ResponseReturnValue:
    """A page of the list; only the table when htmx asks for it; `open` is the line that one asks about."""
    mailing = the_mailing(public_id)
    wanted = wanted_part()
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
        subtitle=_subtitle(mailing, counts),
        mailing=mailing,
        rows=[_line(mailing, row) for row in page.rows],
        views=_views(mailing, counts, wanted),
        reasons=_reasons(mailing, counts, wanted),
        wanted=wanted,
        reason=reason_words(wanted.reason),
        reason_url=list_url(mailing, replace(wanted, reason=None)),
        all_url=list_url(mailing, Wanted()),
        ask_url=url_for("mailing_console.ask", public_id=public_id, q=wanted.search or None),
        why=_why(mailing),
        close_url=_here(mailing, wanted),
        back_url=_here(mailing, wanted, open=request.args.get("open")),
        pager=_pager(mailing, wanted, page, counts),
        exports=[
            (kind.upper(), list_url(mailing, wanted, "export", format=kind))
            for kind in ("xlsx", "csv")
        ],
        retry_url=retry_url(mailing, counts),
        no_retry=no_retry_words(mailing, counts),
        revision=revision_words(mailing),
        return_url=console_url(mailing),
    )


def wanted_part() -> Wanted:
    """Which part of the list the address asks for; what it does not know is not asked for."""
    show, reason = request.args.get("show", ""), request.args.get("reason", "")
    return Wanted(
        outcome=Outcome(show) if show in set(Outcome) else Outcome.ALL,
        reason=ReasonCode(reason) if reason in set(ReasonCode) else None,
        search=request.args.get("search", "").strip()[:200],
    )


def list_url(mailing: Mailing, wanted: Wanted, page: str = "recipients", **more: Any) -> str:
    """The address of this part of the list."""
    asked: dict[str, Any] = {
        "show": wanted.outcome.value if wanted.outcome is not Outcome.ALL else None,
        "reason": wanted.reason.value if wanted.reason else None,
        "search": wanted.search or None,
    }
    return url_for(f"mailing_console.{page}", public_id=mailing.public_id, **asked, **more)


def _here(mailing: Mailing, wanted: Wanted, **more: Any) -> str:
    """This very page of the list."""
    place = {name: request.args[name] for name in ("after", "before") if name in request.args}
    return list_url(mailing, wanted, **place, **more)


def _subtitle(mailing: Mailing, counts: RecipientCounts) -> str:
    words = _("Mailing no. %(number)s, %(title)s", number=mailing.number, title=mailing.title)
    lines = counts.views[Outcome.ALL]
    count = ngettext("%(n)s recipient", "%(n)s recipients", lines, n=number(lines))
    return f"{words} · {count}"


def _line(mailing: Mailing, row: Recipient) -> dict[str, Any]:
    return {
        "row": row,
        "url": _here(mailing, wanted_part(), open=row.mark),
        "is_open": request.args.get("open") in (row.mark, str(row.public_id)),
        "badge": badge_of(row.state, row.reason, bounced=row.bounced_at is not None),
        "viewed": viewed_of(row),
        "reason": reason_of(row),
        "details": missed_of(row),
        "instead": _("no address") if row.reason is ReasonCode.NO_ADDRESS else row.customer_number,
        "roles": roles_words(row.role),
        "channel": channel_words(row.channel),
    }


def _views(mailing: Mailing, counts: RecipientCounts, wanted: Wanted) -> list[dict[str, Any]]:
    words = {
        Outcome.ALL: _("All"),
        Outcome.SENT: lazy_pgettext("messages", "Sent"),
        Outcome.NOT_RECEIVED: _("Not received"),
        Outcome.CAME_BACK: _("Bounced later"),
        Outcome.FAILED: lazy_pgettext("messages", "Failed"),
        Outcome.UNCONFIRMED: _("In doubt"),
        Outcome.EXCLUDED: lazy_pgettext("messages", "Excluded"),
        Outcome.WAITING: _("To be sent"),
        Outcome.REPLACED: lazy_pgettext("messages", "Replaced"),
        Outcome.CANCELLED: lazy_pgettext("messages", "Cancelled"),
    }
    return [
        {
            "label": words[outcome],
            "count": number(counts.views[outcome]),
            "icon": ICONS.get(outcome),
            "url": list_url(mailing, Wanted(outcome, search=wanted.search)),
            "is_current": outcome is wanted.outcome,
        }
        for outcome in Outcome
        if counts.views[outcome] or outcome in (*ALWAYS_THERE, wanted.outcome)
    ]


def _reasons(
    mailing: Mailing, counts: RecipientCounts, wanted: Wanted
) -> list[tuple[str, str, str]]:
    """Why people are missing: words, how many, and the list of them."""
    return [
        (reason_words(reason), number(count), list_url(mailing, replace(wanted, reason=reason)))
        for reason, count in counts.reasons.most_common()
    ]


def _why(mailing: Mailing) -> Why | None:
    """The answer for the line that is open."""
    asked = request.args.get("open", "")
    if not asked:
        return None
    try:
        case = case_of_delivery(mailing, delivery_of(mailing, uuid.UUID(asked)))
    except ValueError:
        case = case_named(mailing, asked)
    return why_of(case)


def _pager(
    mailing: Mailing, wanted: Wanted, page: RecipientPage, counts: RecipientCounts
) -> dict[str, Any]:
    shown, total = number(len(page.rows)), number(counts.views[Outcome.ALL])
    text = (
        _("%(n)s on this page", n=shown)
        if wanted.is_narrowed
        else _(
            "%(n)s of %(total)s · agrees with the ledger",
            n=number(counts.views[wanted.outcome]),
            total=total,
        )
    )
    return {
        "text": text,
        "first": list_url(mailing, wanted) if page.before else None,
        "previous": list_url(mailing, wanted, before=page.before) if page.before else None,
        "next": list_url(mailing, wanted, after=page.after) if page.after else None,
        "last": None,
    }
