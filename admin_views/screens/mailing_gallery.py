"""The gallery of a mailing: every frozen message with its very PDF beside it, and what to look at (S1-13, S1-14, N-03)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import language, number
from admin_views.screens.mailing_actions import TESTABLE
from admin_views.screens.mailing_anomalies import AnomalyLine, anomaly_lines
from admin_views.screens.mailing_door import allows, blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_gallery_list import (
    anomalies_words,
    documents_words,
    lines_of,
    pages_of,
    segments_of,
)
from admin_views.screens.mailing_gallery_message import message_of
from admin_views.screens.mailing_gallery_place import GalleryPlace, Shape, View, place_asked_for
from admin_views.screens.mailing_message_view import Message
from admin_views.screens.mailing_words import (
    count_words,
    customers_words,
    kinds_of,
    name_words,
    period_words,
    size_words,
)
from models.base import db
from models.people.customer import Customer
from services.mailings.gallery import (
    Place,
    delivery_at,
    extent_when_frozen,
    gallery_page,
    message_with,
    place_of,
)
from services.mailings.gallery_marks import (
    CUSTOMER,
    MESSAGE,
    Asked,
    Mark,
    count_rows,
    first_mark,
)
from services.mailings.review import (
    anomalies_of_customer,
    anomalies_of_mailing,
    anomalies_of_message,
    count_to_review,
)


@dataclass(frozen=True)
class Shown:
    """What stands beside the list."""

    name: str
    documents: str  # after the person, where the customer has several
    message: Message | None  # none for a customer who gets none, and for the whole mailing
    mark: Mark
    anomalies: Sequence[AnomalyLine]
    open_words: str


@blueprint.get("/<uuid:public_id>/gallery")
def gallery(public_id: uuid.UUID) -> ResponseReturnValue:
    """The whole page; only what is inside when htmx asks for it. `document` leads to its message."""
    mailing = the_mailing(public_id)
    place = _with_a_row(place_asked_for(mailing))
    review = count_to_review(mailing)
    extent = extent_when_frozen(mailing)
    page = gallery_page(mailing, place.asked, at=place.at, shown=place.shown)
    if page.rows:
        place = replace(place, at=page.rows[0].mark)
    stands = _stands(place, review=review, messages=extent.messages)
    part = request.headers.get("HX-Target") == "gallery"
    title = _("View invoices")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (title, None))
    return render_template(
        "admin/mailings/_gallery.html" if part else "admin/mailings/gallery.html",
        title=title,
        heading=mailing.title or name_words(mailing),
        subtitle=" · ".join(
            (
                _("Period: %(period)s", period=_period(mailing.period_start, mailing.period_end)),
                count_words(kinds_of(mailing), extent.documents),
                customers_words(extent.customers),
                size_words(extent.size_bytes),
            )
        ),
        mailing=mailing,
        place=place,
        lines=lines_of(place, page),
        segments=segments_of(place, review=review, messages=extent.messages),
        pages=pages_of(place, page),
        stands=stands,
        position=_position(stands),
        previous_url=place.url(shown=stands.previous) if stands and stands.previous else None,
        next_url=place.url(shown=stands.next) if stands and stands.next else None,
        shown=_shown(place),
        views=views_of(place),
        shapes=shapes_of(place),
        table_url=url_for("mailing_console.documents", public_id=public_id),
        test_url=_test_url(place),
        return_url=console_url(mailing),
        is_whole_page=not part,
    )


def _with_a_row(place: GalleryPlace) -> GalleryPlace:
    """The place with a row to show: the one asked for, the one of a document, or the first."""
    shown = place.shown
    document = request.args.get("document", "")
    if document.isdecimal() and len(document) < 19:
        shown = message_with(place.mailing, int(document)) or abort(404)
    if shown is None:
        shown = first_mark(place.mailing, place.asked)
    return replace(place, shown=shown)


def _stands(place: GalleryPlace, *, review: int, messages: int) -> Place | None:
    if place.shown is None:
        return None
    if place.asked.search:
        total = count_rows(place.mailing, place.asked)
    else:
        total = review if place.asked.is_review else messages
    return place_of(place.mailing, place.asked, place.shown, total)


def _position(stands: Place | None) -> str:
    if stands is None or stands.position is None:
        return ""
    return _("%(n)s of %(total)s", n=number(stands.position), total=number(stands.total))


def _shown(place: GalleryPlace) -> Shown | None:
    """The message with its anomalies, or what there is to say where none is."""
    mark, mailing = place.shown, place.mailing
    if mark is None:
        return None
    if mark.kind == MESSAGE:
        delivery = delivery_at(mailing, mark) or abort(404)
        anomalies = anomaly_lines(mailing, anomalies_of_message(delivery))
        row = gallery_page(mailing, Asked(), at=mark).rows[0]
        return Shown(
            row.customer,
            " · ".join(filter(None, [row.person, documents_words(row)])),
            message_of(place, delivery),
            mark,
            anomalies,
            _open(anomalies),
        )
    if mark.kind == CUSTOMER:
        customer = db.session.get(Customer, mark.key) or abort(404)
        anomalies = anomaly_lines(mailing, anomalies_of_customer(mailing, customer.id))
        return Shown(customer.name, "", None, mark, anomalies, _open(anomalies))
    anomalies = anomaly_lines(mailing, anomalies_of_mailing(mailing))
    return Shown(_("The whole mailing"), "", None, mark, anomalies, _open(anomalies))


def _open(anomalies: Sequence[AnomalyLine]) -> str:
    return anomalies_words(sum(not anomaly.dismissed for anomaly in anomalies))


def views_of(place: GalleryPlace) -> list[dict[str, Any]]:
    """Message and PDF side by side, or one of them over the whole width."""
    words = (
        (View.BOTH, "layout-columns", _("Side by side")),
        (View.PDF, "file-type-pdf", _("PDF")),
        (View.MESSAGE, "mail", _("Message")),
    )
    return [
        {
            "icon": symbol,
            "label": label,
            "url": place.url(view=view),
            "is_current": place.view is view,
            "name": view.value,
        }
        for view, symbol, label in words
    ]


def shapes_of(place: GalleryPlace) -> list[dict[str, Any]]:
    """As a desktop or a phone shows it, as text, as bytes."""
    words = (
        (Shape.HTML, "device-desktop", _("Desktop")),
        (Shape.PHONE, "device-mobile", _("Phone")),
        (Shape.TEXT, "", _("Text")),
        (Shape.SOURCE, "", _("Source text")),
    )
    return [
        {
            "icon": symbol,
            "label": label,
            "url": place.url(shape=shape, view=View.MESSAGE),
            "is_current": place.shape is shape,
            "name": shape.value,
        }
        for shape, symbol, label in words
    ]


def _test_url(place: GalleryPlace) -> str | None:
    """A test takes the shown message as its sample."""
    mark, mailing = place.shown, place.mailing
    if mark is None or mark.kind != MESSAGE or mailing.state not in TESTABLE or not allows("test"):
        return None
    return url_for("mailing_console.test", public_id=mailing.public_id, m=mark)


def _period(first: date | None, last: date | None) -> str:
    """`01/07–31/07/2026` in Spanish, the year once if it is the same; in English the month is a word."""
    if first is None or last is None or language() != "es":
        return period_words(first, last)
    begin = f"{first:%d/%m}" if first.year == last.year else f"{first:%d/%m/%Y}"
    return f"{begin}–{last:%d/%m/%Y}"
