"""The rehearsal of a mailing: asking for it, watching it, and looking at what arrived (N-06)."""

import uuid
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_anomalies import AnomalyLine
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_gallery import Shown, shapes_of, views_of
from admin_views.screens.mailing_gallery_list import Line, anomalies_words
from admin_views.screens.mailing_gallery_place import GalleryPlace, place_asked_for
from admin_views.screens.mailing_rehearsal_message import rehearsed_view
from admin_views.screens.mailing_rehearsal_words import (
    cut_off_sentence,
    problem_sentence,
    problem_words,
    result_sentence,
)
from admin_views.screens.mailing_words import name_words
from errors import Conflict
from jobs.mailings import rehearse
from models.base import db
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.mailings.rehearsal import MailingRehearsal, RehearsedMessage
from models.people.customer import Customer
from services.mailings.gallery_marks import MESSAGE, Asked, Mark
from services.mailings.mailing_list import name_of_person
from services.mailings.rehearsal import (
    REHEARSABLE,
    Counts,
    RehearsedPage,
    ask_to_rehearse,
    counts_of,
    neighbours,
    rehearsal_of,
    rehearsed_message,
    rehearsed_page,
)

NOTHING_NEW = 204


@dataclass(frozen=True)
class RehearsalPlace(GalleryPlace):
    """Where one stands in what was rehearsed; the same parts of an address as in the gallery."""

    PAGE: ClassVar[str] = "mailing_console.rehearsal"


@blueprint.get("/<uuid:public_id>/rehearsal")
def rehearsal(public_id: uuid.UUID) -> ResponseReturnValue:
    """The page; only what is inside when htmx asks for it."""
    mailing = the_mailing(public_id, "test")
    found = rehearsal_of(mailing)
    counts = counts_of(found) if found else Counts()
    title = _("Rehearsal")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (title, None))
    part = request.headers.get("HX-Target") == "gallery"
    return render_template(
        "admin/mailings/_rehearsal.html" if part else "admin/mailings/rehearsal.html",
        title=title,
        heading=mailing.title or name_words(mailing),
        subtitle=_asked(found) if found else "",
        mailing=mailing,
        rehearsal=found,
        is_running=found is not None and found.finished_at is None,
        result=result_sentence(found, counts) if found else "",
        is_clean=found is not None and not counts.odd and counts.arrived == found.planned,
        cut_off=cut_off_sentence(found.problem) if found and found.problem else "",
        ask_url=url_for("mailing_console.ask_rehearsal", public_id=public_id)
        if mailing.state in REHEARSABLE
        else None,
        return_url=console_url(mailing),
        job=_job(found, counts) if found else None,
        **(_looked_at(mailing, found, counts) if found and found.finished_at else {}),
    )


@blueprint.post("/<uuid:public_id>/rehearsal")
def ask_rehearsal(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "test")
    try:
        asked = ask_to_rehearse(mailing)
    except Conflict as problem:
        db.session.rollback()
        flash(problem.message)
    else:
        db.session.commit()
        rehearse.enqueue(asked.id)
    return redirect(url_for("mailing_console.rehearsal", public_id=public_id))


@blueprint.get("/<uuid:public_id>/rehearsal/progress")
def rehearsal_progress(public_id: uuid.UUID) -> ResponseReturnValue:
    """The bar again; at the end the whole page, which shows what arrived."""
    mailing = the_mailing(public_id, "test")
    found = rehearsal_of(mailing)
    if found is None or found.finished_at is not None:
        return "", NOTHING_NEW, {"HX-Refresh": "true"}
    return render_template(
        "admin/mailings/_rehearsal_bar.html", job=_job(found, counts_of(found)), mailing=mailing
    )


def _asked(found: MailingRehearsal) -> str:
    name = name_of_person(found.asked_by_id) or _("the system")
    return _(
        "Requested by %(name)s, %(time)s",
        name=name,
        time=moment(found.finished_at or found.created_at),
    )


def _job(found: MailingRehearsal, counts: Counts) -> dict[str, Any]:
    done, total = number(counts.tried), number(found.planned)
    share = 100 / max(found.planned, 1)
    odd = anomalies_words(counts.odd)
    return {
        "id": "progress",
        "done": done,
        "total": total,
        "label": _("%(done)s of %(total)s done", done=done, total=total),
        "parts": [
            (tone, count * share)
            for tone, count in (("ok", counts.tried - counts.odd), ("warn", counts.odd))
            if count
        ],
        "legend": [
            ("ok", _("%(n)s arrived", n=number(counts.arrived))),
            *([("warn", odd)] if odd else []),
        ],
    }


def _looked_at(mailing: Mailing, found: MailingRehearsal, counts: Counts) -> dict[str, Any]:
    """The list and the message beside it."""
    asked = place_asked_for(mailing)
    place = RehearsalPlace(**vars(asked))
    is_odd = place.asked.is_review
    page = rehearsed_page(found, at=place.at.key if place.at else None, is_odd=is_odd)
    if place.shown is None and page.rows:
        place = replace(place, shown=Mark.of(MESSAGE, page.rows[0].delivery_id))
    before, after = (
        neighbours(found, place.shown.key, is_odd=is_odd) if place.shown else (None, None)
    )
    return {
        "place": place,
        "lines": _lines(place, page),
        "segments": [
            _segment(place, _("With anomalies"), counts.odd, True),
            _segment(place, _("All"), counts.tried, False),
        ],
        "pages": _pages(place, page),
        "shown": _shown(place, found),
        "views": views_of(place),
        "shapes": shapes_of(place),
        "previous_url": _step(place, before),
        "next_url": _step(place, after),
    }


def _segment(place: RehearsalPlace, label: str, count: int, is_odd: bool) -> dict[str, Any]:
    return {
        "label": label,
        "count": number(count),
        "url": place.url(asked=Asked(is_review=is_odd), shown=None, at=None),
        "is_current": place.asked.is_review is is_odd,
    }


def _lines(place: RehearsalPlace, page: RehearsedPage) -> list[Line]:
    return [
        Line(
            id=f"row-{mark}",
            url=place.url(shown=mark),
            name=row.name,
            person="",
            documents="",
            anomalies=problem_words(row.problem) if row.problem else "",
            is_bad=False,
            is_current=mark == place.shown,
        )
        for row in page.rows
        for mark in (Mark.of(MESSAGE, row.delivery_id),)
    ]


def _pages(place: RehearsalPlace, page: RehearsedPage) -> dict[str, str | None] | None:
    if page.before is None and page.after is None:
        return None
    return {
        name: place.url(at=Mark.of(MESSAGE, key), shown=Mark.of(MESSAGE, key)) if key else None
        for name, key in (("previous", page.before), ("next", page.after))
    }


def _step(place: RehearsalPlace, key: int | None) -> str | None:
    """The page goes along when one leaves it."""
    if key is None:
        return None
    mark = Mark.of(MESSAGE, key)
    return place.url(shown=mark, at=mark)


def _shown(place: RehearsalPlace, found: MailingRehearsal) -> Shown | None:
    if place.shown is None:
        return None
    message = rehearsed_message(found, place.shown.key)
    delivery = db.session.get_one(Delivery, message.delivery_id)
    customer = db.session.get(Customer, delivery.customer_id) if delivery.customer_id else None
    anomalies = _anomalies(message)
    return Shown(
        name=customer.name if customer else delivery.recipient,
        documents="",
        message=rehearsed_view(place, message, delivery) if message.head is not None else None,
        mark=place.shown,
        anomalies=anomalies,
        open_words=anomalies_words(len(anomalies)),
    )


def _anomalies(message: RehearsedMessage) -> list[AnomalyLine]:
    if message.problem is None:
        return []
    return [
        AnomalyLine(
            key=message.delivery_id,
            icon="alert-triangle",
            tone="warn",
            title=problem_words(message.problem),
            text=problem_sentence(message.problem, message.detail),
            cure=None,
            url=None,
            dismissed=None,
        )
    ]
