"""The PDF of a document: rendered once for what it says, kept by content hash."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from errors import Unavailable
from files.store import FileStore, StoredFile
from models.base import db, utc_now
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.system.file import File
from models.tenancy import current_scope
from services.sales.document_pages import pages_of
from services.sales.drawing import DrawingRoom, Drawn, PrintedPage, fingerprint
from services.system.retelling import retold

ROWS_PER_COMMIT = 64


@dataclass(frozen=True)
class Workshop:
    """Where PDFs are made and kept: `files_url`, the address that QR codes lead to, how many processes.

    With a `room` its processes draw, and what was read for them lies `ahead`; without, each rendering has its own.
    """

    files_url: str
    base_url: str
    processes: int = 0
    room: DrawingRoom | None = field(default=None, compare=False)
    ahead: dict[int, PrintedPage] = field(default_factory=dict, compare=False)

    @property
    def store(self) -> FileStore:
        return FileStore(self.files_url)

    @property
    def hands(self) -> int:
        """Rendering is what takes time at register: every core helps, and one more draws while another waits for the disk."""
        return self.processes or len(os.sched_getaffinity(0)) + 1

    @contextmanager
    def opened(self, *, makes_parts: bool = False) -> Iterator["Workshop"]:
        """The same workshop with a room, for many renderings one after the other; `makes_parts` for messages."""
        with DrawingRoom(self.files_url, self.hands, makes_parts=makes_parts) as room:
            yield replace(self, room=room, ahead={})


@dataclass(frozen=True, slots=True)
class DocumentPdf:
    """The stored PDF of a document; one that was drawn now may be stored as a part of messages, too."""

    sha256: str
    size_bytes: int
    filename: str
    part: StoredFile | None = None


@dataclass
class Rendered:
    """What came of rendering: PDFs and problems by document."""

    pdfs: dict[int, DocumentPdf]
    problems: dict[int, str]


def pdf_of(document: Document, workshop: Workshop) -> DocumentPdf:
    """The PDF of one document, drawn now if need be; raises Unavailable."""
    rendered = render_documents([document.id], workshop)
    if document.id not in rendered.pdfs:
        raise Unavailable(rendered.problems.get(document.id, ""))
    return rendered.pdfs[document.id]


def render_documents(
    document_ids: Sequence[int],
    workshop: Workshop,
    *,
    progress: Callable[[int], None] | None = None,
    commit: bool = False,
) -> Rendered:
    """PDFs for all of these documents; with `commit` it commits as it goes.

    `progress` hears how many are ready.
    """
    if workshop.room is None:
        with workshop.opened() as opened:
            return render_documents(document_ids, opened, progress=progress, commit=commit)
    pages = _read(document_ids, workshop)
    found = _kept({key: each.print_ for key, each in pages.items()})
    pdfs = {
        key: DocumentPdf(file.sha256, file.size_bytes, pages[key].filename)
        for key, file in found.items()
    }
    waiting = {key: each for key, each in pages.items() if key not in pdfs}
    problems: dict[int, str] = {}
    fresh: list[tuple[int, str, Drawn]] = []
    all_drawn = workshop.room.draw(list(waiting.values()))
    for (key, each), drawn in zip(waiting.items(), all_drawn, strict=True):
        if drawn.problem:
            problems[key] = retold(drawn.problem)
            continue
        fresh.append((key, each.print_, drawn))
        pdfs[key] = DocumentPdf(drawn.sha256, drawn.size_bytes, each.filename, drawn.part)
        if len(fresh) >= ROWS_PER_COMMIT:
            _note(fresh, pdfs, commit=commit)
            fresh = []
        if progress:
            progress(len(pdfs))
    _note(fresh, pdfs, commit=commit)
    return Rendered(pdfs, problems)


def begin_rendering(document_ids: Sequence[int], workshop: Workshop) -> None:
    """Have an opened workshop draw these documents meanwhile; `render_documents` will ask for them soon.

    They are printed as they were read here.
    """
    if workshop.room is None:
        return
    pages = _read(document_ids, workshop)
    workshop.ahead.update(pages)
    found = _kept({key: each.print_ for key, each in pages.items()})
    workshop.room.begin([each for key, each in pages.items() if key not in found])


def _read(document_ids: Sequence[int], workshop: Workshop) -> dict[int, PrintedPage]:
    """The pages of these documents; what was read ahead is handed over once."""
    read = {key: workshop.ahead.pop(key) for key in document_ids if key in workshop.ahead}
    missing = [key for key in document_ids if key not in read]
    for document, page in pages_of(missing, store=workshop.store, base_url=workshop.base_url):
        read[document.id] = PrintedPage(filename_of(document), fingerprint(page), page)
    return read


def filename_of(document: Document) -> str:
    """The name that its PDF has for the reader."""
    return "".join("-" if sign in '/\\:*?"<>|' else sign for sign in document.label) + ".pdf"


def _kept(prints: dict[int, str]) -> dict[int, File]:
    """The PDFs that were rendered from exactly these contents."""
    found: dict[int, File] = {}
    pairs = list(prints.items())
    for at in range(0, len(pairs), 1000):
        rows = db.session.execute(
            select(DocumentFile.document_id, File)
            .join(File, File.id == DocumentFile.file_id)
            .where(
                DocumentFile.kind == DocumentFileKind.PDF,
                tuple_(DocumentFile.document_id, DocumentFile.rendered_from).in_(
                    pairs[at : at + 1000]
                ),
            )
        )
        found.update({document_id: file for document_id, file in rows})  # noqa: C416
    return found


def _note(
    fresh: Sequence[tuple[int, str, Drawn]], pdfs: dict[int, DocumentPdf], *, commit: bool
) -> None:
    """Remember in the database what was stored; another process may have done so before us."""
    if not fresh:
        return
    if current_scope().customer_id is not None:
        for key, print_, drawn in fresh:
            kept = (key, print_, drawn.sha256, drawn.size_bytes, pdfs[key].filename)
            db.session.execute(select(func.keep_portal_pdf(*kept)))
        return
    common = {
        "organization_id": current_scope().organization_id,
        "created_at": utc_now(),
        "updated_at": utc_now(),
    }
    db.session.execute(
        insert(File).on_conflict_do_nothing(),
        [
            {
                "sha256": drawn.sha256,
                "size_bytes": drawn.size_bytes,
                "media_type": "application/pdf",
                "name": pdfs[key].filename,
                **common,
            }
            for key, _print, drawn in fresh
        ],
    )
    hashes = [drawn.sha256 for _key, _print, drawn in fresh]
    ids = dict(
        db.session.execute(select(File.sha256, File.id).where(File.sha256.in_(hashes))).all()
    )
    db.session.execute(
        insert(DocumentFile).on_conflict_do_nothing(),
        [
            {
                "document_id": key,
                "file_id": ids[drawn.sha256],
                "kind": DocumentFileKind.PDF,
                "rendered_from": print_,
                **common,
            }
            for key, print_, drawn in fresh
        ],
    )
    if commit:
        db.session.commit()
