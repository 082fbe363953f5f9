"""A message as it was frozen, for a person to look at: its words, its files, its bytes (S1-14)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _
from sqlalchemy import select

from errors import NotFound
from files.pdf_pages import count_pages, draw_page
from files.store import FileStore
from mail.mime import Head, assemble, is_picture, unstuffed, wire_bytes
from mail.pictures import Picture
from mail.reading import (
    LONGEST_PART_HEADER,
    ReadMessage,
    file_of_part,
    read_message,
    read_part_header,
)
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody, DeliveryDocument
from models.mailings.delivery_copy import CopyRole, DeliveryCopy
from models.sales.document import Document
from services.sales.drawing import PDF
from services.sales.pdf import filename_of

SHOWN_BYTES = 600  # of an attachment in the source
KEPT_PICTURES = 24  # some 100 KB each, of scanned pages some MB


@dataclass(frozen=True, slots=True)
class Paper:
    """A file of a message, counted from 1; a document that goes as a link is not `is_attached`."""

    n: int
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    is_attached: bool

    @property
    def is_pdf(self) -> bool:
        return self.media_type == PDF


@dataclass(frozen=True)
class FrozenMessage:
    """What its reader gets, and (`bcc`) who else gets it unseen."""

    read: ReadMessage
    bcc: Sequence[str]
    papers: Sequence[Paper]


def frozen_message(delivery: Delivery, store: FileStore) -> FrozenMessage:
    """The message of a delivery."""
    body = _body_of(delivery)
    return FrozenMessage(read_message(body.head), _bcc_of(delivery), _papers(delivery, body, store))


def papers_of(delivery: Delivery, store: FileStore) -> list[Paper]:
    """The attached files in their order, then the documents that go as a link."""
    return _papers(delivery, _body_of(delivery), store)


def paper_of(delivery: Delivery, n: int, store: FileStore) -> Paper:
    """One of them; raises NotFound."""
    for paper in papers_of(delivery, store):
        if paper.n == n:
            return paper
    raise NotFound(_("This message has no such file."))


def content_of(paper: Paper, store: FileStore) -> bytes:
    """The very bytes that the reader gets."""
    stored = store.read(paper.sha256)
    return file_of_part(stored) if paper.is_attached else stored


@lru_cache(maxsize=4 * KEPT_PICTURES)
def page_count(files_url: str, paper: Paper) -> int:
    """How many pages a PDF has. Raises UnreadablePdf."""
    return count_pages(content_of(paper, FileStore(files_url)))


@lru_cache(maxsize=KEPT_PICTURES)
def page_picture(files_url: str, paper: Paper, page: int, width: int) -> bytes:
    """A page as a PNG; drawn once, since people go back and forth. Raises UnreadablePdf."""
    return draw_page(content_of(paper, FileStore(files_url)), page, width=width)


def source_of(delivery: Delivery, store: FileStore) -> bytes:
    """The whole message (RFC 5322) as it is frozen; its Date is written when it leaves."""
    body = _body_of(delivery)
    parts = [wire_bytes(store.read(sha256)) for sha256 in body.parts]
    return unstuffed(b"".join(assemble(Head.stored(body.head), parts)))


def short_source(delivery: Delivery, store: FileStore) -> str:
    """The same, with the beginning of each attachment only."""
    body = _body_of(delivery)
    head = Head.stored(body.head)
    starts = [store.read_range(sha256, 0, SHOWN_BYTES) for sha256 in body.parts]
    parts = [wire_bytes(start.rpartition(b"\r\n")[0] + b"\r\n[...]\r\n") for start in starts]
    return (
        unstuffed(b"".join(assemble(head, parts))).decode("utf-8", "replace").replace("\r\n", "\n")
    )


def _body_of(delivery: Delivery) -> DeliveryBody:
    return db.session.get_one(DeliveryBody, delivery.id)


def _bcc_of(delivery: Delivery) -> list[str]:
    query = (
        select(DeliveryCopy.address)
        .where(DeliveryCopy.delivery_id == delivery.id, DeliveryCopy.role == CopyRole.BCC)
        .order_by(DeliveryCopy.n)
    )
    return list(db.session.scalars(query))


def attached_papers(parts: Sequence[str], store: FileStore) -> list[Paper]:
    """The files of stored parts, in their order; pictures that the HTML shows are none."""
    papers: list[Paper] = []
    for sha256 in parts:
        start = store.read_range(sha256, 0, LONGEST_PART_HEADER)
        if is_picture(start):
            continue
        header = read_part_header(start)
        size = header.file_bytes(store.size(sha256))
        n = len(papers) + 1
        papers.append(Paper(n, header.filename, header.media_type, size, sha256, True))
    return papers


def pictures_of(parts: Sequence[str], store: FileStore) -> list[Picture]:
    """The pictures among stored parts, which the HTML shows."""
    starts = {sha256: store.read_range(sha256, 0, LONGEST_PART_HEADER) for sha256 in parts}
    shown = [sha256 for sha256, start in starts.items() if is_picture(start)]
    found = (Picture.of(file_of_part(store.read(sha256))) for sha256 in shown)
    return [picture for picture in found if picture is not None]


def _papers(delivery: Delivery, body: DeliveryBody, store: FileStore) -> list[Paper]:
    papers = attached_papers(body.parts, store)
    attached = {paper.filename for paper in papers}
    query = (
        select(Document, DeliveryDocument.file_sha256)
        .join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
        .where(DeliveryDocument.delivery_id == delivery.id)
        .order_by(Document.series, Document.number_int, Document.id)
    )
    for document, sha256 in db.session.execute(query).all():
        name = filename_of(document)
        if name not in attached:
            n = len(papers) + 1
            papers.append(Paper(n, name, PDF, store.size(sha256), sha256, False))
    return papers
