"""A message of the gallery as it is shown: in a frame, as words, as bytes; its files, and the pages of its PDF (S1-14)."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.screens.mailing_door import blueprint, the_mailing
from admin_views.screens.mailing_gallery_place import GalleryPlace, Shape, View
from admin_views.screens.mailing_words import size_words
from files.errors import UnreadablePdf
from jobs.mailings import workshop
from mail.framing import FRAME_POLICY, framed
from mail.reading import ReadMessage, read_message
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from services.mailings.frozen_message import (
    Paper,
    content_of,
    frozen_message,
    page_count,
    page_picture,
    paper_of,
    short_source,
    source_of,
)
from services.mailings.recipients import delivery_of

WIDTHS = (800, 1600)  # pixels of a page: beside the message, and over the whole width
MOST_PAGES = 40  # what is longer is downloaded
LINES = (8, 16, 28)  # of text: from each on, the frame is one step taller
INBOX_SUBJECT = 45  # characters of it that a phone shows in its list
INBOX_TEXT = 90


@dataclass(frozen=True)
class File:
    """An attached file, or a document that goes as a link."""

    n: int
    name: str
    size: str
    icon: str
    is_attached: bool
    is_shown: bool
    url: str  # shows a PDF, downloads anything else
    download_url: str


@dataclass(frozen=True)
class Pdf:
    """The pages of a PDF as pictures, or the sentence that says why there are none."""

    name: str
    size: str
    download_url: str
    pages: Sequence[tuple[str, str]]  # the page, beside the message and wide
    count: int
    problem: str | None


@dataclass(frozen=True)
class Message:
    """What the page shows of a message."""

    read: ReadMessage
    bcc: Sequence[str]
    files: Sequence[File]
    pdf: Pdf | None
    frame_url: str
    dark_frame_url: str
    frame_height: int  # 1 to 4
    source: str | None
    source_url: str
    inbox: tuple[str, str]  # subject and first words, as a phone's list cuts them


def message_of(place: GalleryPlace, delivery: Delivery) -> Message:
    """Everything that the chosen view shows of this message."""
    store = workshop().store
    frozen = frozen_message(delivery, store)
    shown = _shown_pdf(frozen.papers, place.file)
    keys: dict[str, Any] = {"public_id": place.mailing.public_id, "delivery_id": delivery.public_id}
    has_source = place.view is View.MESSAGE and place.shape is Shape.SOURCE
    lines = frozen.read.text.count("\n")
    return Message(
        read=frozen.read,
        bcc=frozen.bcc,
        files=[_file(place, paper, shown, keys) for paper in frozen.papers],
        pdf=_pdf(shown, keys) if shown and place.view is not View.MESSAGE else None,
        frame_url=url_for("mailing_console.frame", **keys),
        dark_frame_url=url_for("mailing_console.frame", **keys, dark=1),
        frame_height=1 + sum(lines >= limit for limit in LINES),
        source=short_source(delivery, store) if has_source else None,
        source_url=url_for("mailing_console.source", **keys),
        inbox=(
            _cut(frozen.read.subject, INBOX_SUBJECT),
            _cut(" ".join(frozen.read.text.split()), INBOX_TEXT),
        ),
    )


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/frame")
def frame(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    """The cleaned HTML, with a policy of its own; the sandbox gives it no origin."""
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    read = read_message(db.session.get_one(DeliveryBody, delivery.id).head)
    html = read.html or f"<pre>{_escaped(read.text)}</pre>"
    page = framed(
        html, lang=delivery.lang, title=read.subject, is_dark=request.args.get("dark") == "1"
    )
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/message.eml")
def source(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    """The whole message (RFC 5322), to be kept."""
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    answer = Response(source_of(delivery, workshop().store), mimetype="message/rfc822")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{delivery.public_id}.eml")
    return answer


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/files/<int:n>")
def file(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int) -> ResponseReturnValue:
    """The very file that the reader gets, to be kept: what somebody else made is opened outside of this site."""
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    store = workshop().store
    paper = paper_of(delivery, n, store)
    answer = Response(content_of(paper, store), mimetype=paper.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=paper.filename)
    return answer


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/files/<int:n>/<int:page>.png")
def page(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int, page: int) -> ResponseReturnValue:
    """A page of a PDF as a picture, in one of two widths."""
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    place = workshop()
    paper = paper_of(delivery, n, place.store)
    width = WIDTHS[1] if request.args.get("wide") == "1" else WIDTHS[0]
    if not paper.is_pdf:
        abort(404)
    try:
        picture = page_picture(place.files_url, paper, page, width)
    except UnreadablePdf:
        abort(404)
    return Response(picture, mimetype="image/png")


def _shown_pdf(papers: Sequence[Paper], asked: int | None) -> Paper | None:
    pdfs = [paper for paper in papers if paper.is_pdf]
    return next((paper for paper in pdfs if paper.n == asked), pdfs[0] if pdfs else None)


def _file(place: GalleryPlace, paper: Paper, shown: Paper | None, keys: dict[str, Any]) -> File:
    download = url_for("mailing_console.file", **keys, n=paper.n)
    kind = "file-type-pdf" if paper.is_pdf else "file-type-xml"
    return File(
        n=paper.n,
        name=paper.filename,
        size=size_words(paper.size_bytes),
        icon=kind if paper.is_pdf or paper.media_type.endswith("xml") else "paperclip",
        is_attached=paper.is_attached,
        is_shown=paper == shown,
        url=place.url(file=paper.n) if paper.is_pdf else download,
        download_url=download,
    )


def _pdf(paper: Paper, keys: dict[str, Any]) -> Pdf:
    problem = None
    try:
        count = page_count(workshop().files_url, paper)
    except UnreadablePdf as error:
        count, problem = 0, _(error.sentence) % error.values
    if count > MOST_PAGES:
        problem = _("Only the first %(n)d pages are shown. Download it to see all.", n=MOST_PAGES)
    pages = [
        (
            url_for("mailing_console.page", **keys, n=paper.n, page=number),
            url_for("mailing_console.page", **keys, n=paper.n, page=number, wide=1),
        )
        for number in range(1, min(count, MOST_PAGES) + 1)
    ]
    download = url_for("mailing_console.file", **keys, n=paper.n)
    return Pdf(paper.filename, size_words(paper.size_bytes), download, pages, count, problem)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else re.sub(r"\s+\S*$", "", text[:room]) + "…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
