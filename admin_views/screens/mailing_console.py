"""The console of mailings: the list, the one that is chosen, and what can be done with it (S1-12 to S1-20)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import ago, number
from admin_views.screens.mailing_actions import toolbar_of
from admin_views.screens.mailing_door import (
    allows,
    blueprint,
    comes_from_statements,
    console_url,
    invoices_url,
    keep_invoices_url,
    require,
    the_mailing,
    trail,
)
from admin_views.screens.mailing_progress import parts_of, watched
from admin_views.screens.mailing_words import mailing_badge, period_words, result_words
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailings.mailing_list import MailingPage, mailing_known_as, newest_mailings
from services.mailings.overview import overviews_of
from services.mailings.progress import RUNNING, Extent, Tally, prepared_of

UNKNOWN = "—"
MOVING = RUNNING | {MailingState.DRAFT}
NOTHING_NEW = 204


@dataclass(frozen=True)
class Line:
    """A row of the list."""

    mailing: Mailing
    url: str
    chosen_url: str
    is_chosen: bool
    period: str
    documents: str
    customers: str
    badge: Any
    parts: Sequence[tuple[str, float]] | None  # a bar while it runs
    result: str
    registered: str


@blueprint.get("/")
def console() -> ResponseReturnValue:
    """The list of mailings; `mailing` in the address is the one that is chosen."""
    require("view")
    keep_invoices_url()
    chosen = _chosen()
    trail()
    page = newest_mailings(below=_number("below"), above=_number("above"))
    return render_template(
        "admin/mailings/console.html",
        title=_("Mailings by e-mail"),
        lines=_lines(page.rows, chosen),
        pager=_pager(page),
        chosen=watched(chosen) if chosen else None,
        toolbar=toolbar_of(chosen),
        invoices_url=invoices_url(),
        back_words=_("Back to statements") if comes_from_statements() else _("Back to invoices"),
        new_url=url_for("mailing_console.new") if allows("create") else None,
    )


@blueprint.get("/<uuid:public_id>/chosen")
def choose(public_id: uuid.UUID) -> ResponseReturnValue:
    """The card and the toolbar of the mailing whose radio button was just chosen."""
    mailing = the_mailing(public_id)
    page = render_template(
        "admin/mailings/_chosen.html",
        chosen=watched(mailing),
        toolbar=toolbar_of(mailing),
        has_new_state=True,
    )
    return page, {"HX-Push-Url": console_url(mailing)}


@blueprint.get("/<uuid:public_id>/progress")
def progress(public_id: uuid.UUID) -> ResponseReturnValue:
    """The card again, with its row; the toolbar only if the state has changed (`state`: what the page knows)."""
    mailing = the_mailing(public_id)
    is_news = request.args.get("state") != mailing.state.value
    if not is_news and mailing.state not in MOVING:
        return "", NOTHING_NEW
    chosen = watched(mailing)
    return render_template(
        "admin/mailings/_chosen.html",
        chosen=chosen,
        toolbar=toolbar_of(mailing),
        line=_line(mailing, chosen.tally, chosen.size, is_chosen=True),
        has_new_state=is_news,
    )


def _chosen() -> Mailing | None:
    """The mailing of the address; 404 if it is not one of this organization."""
    asked = request.args.get("mailing")
    if not asked:
        return None
    try:
        return mailing_known_as(uuid.UUID(asked))
    except ValueError:
        return None


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _lines(mailings: Sequence[Mailing], chosen: Mailing | None) -> list[Line]:
    seen = overviews_of(mailings)
    return [
        _line(mailing, seen[mailing.id].tally, seen[mailing.id].extent, is_chosen=mailing is chosen)
        for mailing in mailings
    ]


def _line(mailing: Mailing, tally: Tally, extent: Extent, *, is_chosen: bool) -> Line:
    return Line(
        mailing=mailing,
        url=console_url(mailing),
        chosen_url=url_for("mailing_console.choose", public_id=mailing.public_id),
        is_chosen=is_chosen,
        period=period_words(mailing.period_start, mailing.period_end),
        documents=_count(extent.documents),
        customers=_count(extent.customers),
        badge=mailing_badge(mailing),
        parts=parts_of(tally) if mailing.state in RUNNING else None,
        result=_result(mailing, tally),
        registered=ago(mailing.registered_at or mailing.created_at),
    )


def _count(value: int) -> str:
    """How many; nothing is known of a mailing that is still being prepared."""
    return number(value) if value else UNKNOWN


def _result(mailing: Mailing, tally: Tally) -> str:
    if mailing.state in RUNNING:
        return f"{number(100 * tally.done // max(tally.total, 1))} %"
    is_draft = mailing.state is MailingState.DRAFT
    return result_words(mailing, tally, prepared_of(mailing) if is_draft else 0)


def _pager(page: MailingPage) -> dict[str, Any] | None:
    if page.before is None and page.after is None:
        return None
    return {
        "text": _(
            "No. %(first)s to no. %(last)s", first=page.rows[-1].number, last=page.rows[0].number
        )
        if page.rows
        else "",
        "first": console_url() if page.before else None,
        "previous": url_for("mailing_console.console", above=page.before) if page.before else None,
        "next": url_for("mailing_console.console", below=page.after) if page.after else None,
        "last": None,
    }
