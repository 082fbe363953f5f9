"""Several documents of a customer as one ZIP: chosen ones, or those of a period, each as its PDF with the files that go along (P-02)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, BinaryIO
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from errors import Invalid, NotFound, Unavailable
from files.store import FileStore
from files.zip_writing import Packed, zip_of
from models.base import db
from models.portal.portal_event import PortalEventKind
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentKind
from services.portal.events import note_event
from services.portal.visible_documents import Sight, mine
from services.sales.pdf import Workshop, filename_of, render_documents
from services.sales.statements import Period
from services.system.uploads import clean_name, size_words

MOST_DOCUMENTS = 100
MOST_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A stored file, and what it is called in the ZIP."""

    name: str
    day: date
    sha256: str
    size_bytes: int


def chosen_documents(
    sight: Sight, kind: DocumentKind, public_ids: Sequence[UUID]
) -> Sequence[Document]:
    """The documents with these public names; raises NotFound unless each is the visitor's to see, Invalid for none or too many."""
    wanted = set(public_ids)
    if not wanted:
        raise Invalid(_("Choose at least one document of the list."), field="document")
    if len(wanted) > MOST_DOCUMENTS:
        raise Invalid(
            _("A ZIP holds %(most)d documents at most. Choose fewer.", most=MOST_DOCUMENTS),
            field="document",
        )
    query = _in_order(mine(sight, kind).where(Document.public_id.in_(wanted)))
    found: Sequence[Document] = db.session.scalars(query).all()
    if len(found) < len(wanted):
        raise NotFound(_("This document does not exist, or you have no access to it."))
    return found


def documents_of_period(sight: Sight, kind: DocumentKind, period: Period) -> Sequence[Document]:
    """The documents that were issued then; raises Invalid for none or too many."""
    query = mine(sight, kind).where(Document.issue_date.between(period.first, period.last))
    found: Sequence[Document] = db.session.scalars(_in_order(query).limit(MOST_DOCUMENTS + 1)).all()
    if not found:
        raise Invalid(_("Nothing was issued in this period."), field="first")
    if len(found) > MOST_DOCUMENTS:
        raise Invalid(
            _(
                "More than %(most)d documents were issued in this period. Choose a shorter one.",
                most=MOST_DOCUMENTS,
            ),
            field="last",
        )
    return found


def entries_of(documents: Sequence[Document], workshop: Workshop) -> list[ZipEntry]:
    """The PDFs, drawn now where need be, and the files that go along; raises Unavailable, and Invalid for too many bytes."""
    # Drawn here: a page waits for it, and fresh processes would start for each of them.
    rendered = render_documents([each.id for each in documents], replace(workshop, processes=1))
    if rendered.problems:
        raise Unavailable(next(iter(rendered.problems.values())))
    along = _files_along(documents)
    entries = []
    for each in documents:
        pdf, stem = rendered.pdfs[each.id], filename_of(each).removesuffix(".pdf")
        entries.append(ZipEntry(f"{stem}.pdf", each.issue_date, pdf.sha256, pdf.size_bytes))
        entries += [
            ZipEntry(
                f"{stem} {clean_name(str(one))}",
                each.issue_date,
                one.file.sha256,
                one.file.size_bytes,
            )
            for one in along.get(each.id, ())
        ]
    if sum(each.size_bytes for each in entries) > MOST_BYTES:
        raise Invalid(
            _("These files are more than %(most)s. Choose fewer.", most=size_words(MOST_BYTES)),
            field="document",
        )
    return _named_apart(entries)


def packed(entries: Sequence[ZipEntry], store: FileStore) -> BinaryIO:
    """The ZIP itself."""
    return zip_of(Packed(each.name, each.day, store.read(each.sha256)) for each in entries)


def note_zip(documents: Sequence[Document], *, ip: str | None) -> None:
    """Somebody took these documents. It is one event, and no look at any of them (decision 0044)."""
    labels = [each.label for each in documents]
    note_event(PortalEventKind.DOWNLOADED_SEVERAL, ip=ip, documents=labels)


def _in_order(query: Select[Any]) -> Select[Any]:
    return query.order_by(Document.issue_date, Document.id)


def _files_along(documents: Sequence[Document]) -> dict[int, list[DocumentFile]]:
    query = (
        select(DocumentFile)
        .where(
            DocumentFile.document_id.in_([each.id for each in documents]),
            DocumentFile.kind != DocumentFileKind.PDF,
        )
        .options(joinedload(DocumentFile.file))
        .order_by(DocumentFile.id)
    )
    found: dict[int, list[DocumentFile]] = {}
    for one in db.session.scalars(query):
        found.setdefault(one.document_id, []).append(one)
    return found


def _named_apart(entries: Sequence[ZipEntry]) -> list[ZipEntry]:
    """Each under a name of its own, also where programs do not tell capitals from small letters."""
    taken: set[str] = set()
    return [replace(each, name=_free_name(each.name, taken)) for each in entries]


def _free_name(name: str, taken: set[str]) -> str:
    stem, dot, ending = name.rpartition(".")
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})"
    taken.add(free.lower())
    return free
