"""A message on a page: in a frame, as words, as bytes; its files, and the pages of its PDF (S1-14, N-06)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, abort, request
from flask_babel import gettext as _

from admin_views.screens.mailing_gallery_place import GalleryPlace, Shape, View
from admin_views.screens.mailing_phone_checks import PhoneCheck, phone_checks
from admin_views.screens.mailing_words import size_words
from files.errors import UnreadablePdf
from jobs.mailings import workshop
from mail.framing import FRAME_POLICY, framed
from mail.reading import ReadMessage
from services.mailings.frozen_message import (
    Paper,
    content_of,
    page_count,
    page_picture,
    pictures_of,
)

# Of a name among frame, source, file, page and its arguments: the address.
Address = Callable[..., str]
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
    phone: Sequence[PhoneCheck] = ()


def message_view(
    place: GalleryPlace,
    read: ReadMessage,
    papers: Sequence[Paper],
    url: Address,
    *,
    bcc: Sequence[str] = (),
    source: str | None = None,
) -> Message:
    """Everything that the chosen view shows of this message."""
    shown = _shown_pdf(papers, place.file)
    lines = read.text.count("\n")
    subject = _cut(read.subject, INBOX_SUBJECT)
    return Message(
        read=read,
        bcc=bcc,
        files=[_file(place, paper, shown, url) for paper in papers],
        pdf=_pdf(shown, url) if shown and place.view is not View.MESSAGE else None,
        frame_url=url("frame"),
        dark_frame_url=url("frame", dark=1),
        frame_height=1 + sum(lines >= limit for limit in LINES),
        source=source,
        source_url=url("source"),
        inbox=(subject, _cut(" ".join(read.text.split()), INBOX_TEXT)),
        phone=list(phone_checks(read, subject)) if place.shape is Shape.PHONE else (),
    )


def frame_answer(read: ReadMessage, parts: Sequence[str], lang: str) -> Response:
    """The cleaned HTML, with a policy of its own; the sandbox gives it no origin."""
    html = read.html or f"<pre>{_escaped(read.text)}</pre>"
    page = framed(
        html,
        lang=lang,
        title=read.subject,
        is_dark=request.args.get("dark") == "1",
        pictures=pictures_of(parts, workshop().store),
    )
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    return answer


def source_answer(content: bytes, name: str) -> Response:
    """The whole message (RFC 5322), to be kept."""
    answer = Response(content, mimetype="message/rfc822")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.eml")
    return answer


def file_answer(paper: Paper) -> Response:
    """The very file that the reader gets, to be kept: what somebody else made is opened outside of this site."""
    answer = Response(content_of(paper, workshop().store), mimetype=paper.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=paper.filename)
    return answer


def page_answer(paper: Paper, page: int) -> Response:
    """A page of a PDF as a picture, in one of two widths."""
    width = WIDTHS[1] if request.args.get("wide") == "1" else WIDTHS[0]
    if not paper.is_pdf:
        abort(404)
    try:
        picture = page_picture(workshop().files_url, paper, page, width)
    except UnreadablePdf:
        abort(404)
    return Response(picture, mimetype="image/png")


def _shown_pdf(papers: Sequence[Paper], asked: int | None) -> Paper | None:
    pdfs = [paper for paper in papers if paper.is_pdf]
    return next((paper for paper in pdfs if paper.n == asked), pdfs[0] if pdfs else None)


def _file(place: GalleryPlace, paper: Paper, shown: Paper | None, url: Address) -> File:
    download = url("file", n=paper.n)
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


def _pdf(paper: Paper, url: Address) -> Pdf:
    problem = None
    try:
        count = page_count(workshop().files_url, paper)
    except UnreadablePdf as error:
        count, problem = 0, _(error.sentence) % error.values
    if count > MOST_PAGES:
        problem = _("Only the first %(n)d pages are shown. Download it to see all.", n=MOST_PAGES)
    pages = [
        (
            url("page", n=paper.n, page=number),
            url("page", n=paper.n, page=number, wide=1),
        )
        for number in range(1, min(count, MOST_PAGES) + 1)
    ]
    download = url("file", n=paper.n)
    return Pdf(paper.filename, size_words(paper.size_bytes), download, pages, count, problem)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else re.sub(r"[\s.,;:]+\S*$", "", text[:room]) + "…"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
