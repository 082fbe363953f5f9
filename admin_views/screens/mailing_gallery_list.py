"""The list at the left of the gallery: its lines, its two parts, and the pages of it (S1-14)."""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import amount, number
from admin_views.screens.mailing_gallery_place import GalleryPlace
from services.mailings.gallery import GalleryPage, GalleryRow
from services.mailings.gallery_marks import CUSTOMER, MESSAGE, WHOLE, Asked, Mark
from services.mailings.review import open_counts


@dataclass(frozen=True)
class Line:
    """A row of the list."""

    id: str
    url: str
    name: str
    person: str
    documents: str
    anomalies: str
    is_bad: bool
    is_current: bool


def lines_of(place: GalleryPlace, page: GalleryPage) -> list[Line]:
    messages = [row.mark.key for row in page.rows if row.mark.kind == MESSAGE]
    odd = open_counts(place.mailing, messages)
    return [
        Line(
            id=f"row-{row.mark}",
            url=place.url(shown=row.mark),
            name=_name(row),
            person=row.person,
            documents=documents_words(row),
            anomalies=anomalies_words(odd.get(row.mark.key, 0))
            if row.mark.kind == MESSAGE
            else _("No message")
            if row.mark.kind == CUSTOMER
            else _("In every message"),
            is_bad=row.mark.kind == CUSTOMER,
            is_current=row.mark == place.shown,
        )
        for row in page.rows
    ]


def _name(row: GalleryRow) -> str:
    return _("The whole mailing") if row.mark.kind == WHOLE else row.customer


def documents_words(row: GalleryRow) -> str:
    """`FV-10482 · 4.872.300,00 COP`, `3 facturas · 12.915.000,00 COP`."""
    if not row.labels:
        return ""
    what = row.labels[0] if len(row.labels) == 1 else _documents_words(len(row.labels))
    sums = " + ".join(f"{amount(total, currency)} {currency}" for currency, total in row.sums)
    return f"{what} · {sums}"


def _documents_words(count: int) -> str:
    return str(ngettext("%(n)s document", "%(n)s documents", count, n=number(count)))


def anomalies_words(count: int) -> str:
    if not count:
        return ""
    return str(ngettext("%(n)s anomaly", "%(n)s anomalies", count, n=number(count)))


def segments_of(place: GalleryPlace, *, review: int, messages: int) -> list[dict[str, Any]]:
    """*Review 5* and *All 186*."""
    parts = ((_("Review"), review, True), (_("All"), messages, False))
    return [
        {
            "label": label,
            "count": number(count),
            "url": place.url(asked=Asked(is_review=is_review), shown=None, at=None),
            "is_current": place.asked.is_review is is_review,
        }
        for label, count, is_review in parts
    ]


def pages_of(place: GalleryPlace, page: GalleryPage) -> dict[str, str | None] | None:
    if page.before is None and page.after is None:
        return None

    def url(at: Mark | None) -> str | None:
        return place.url(at=at, shown=at) if at else None

    return {"previous": url(page.before), "next": url(page.after)}
