"""How large messages become, before anything is rendered: from what is known of the files (S1-09)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models.any_of import is_any_of
from models.base import db
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.system.file import File
from services.mailings.audience import PlannedMessage

USUAL_PDF_BYTES = 45_000  # as long as none has been rendered
TEXT_BYTES = 6_000  # headers, text and HTML
ON_THE_WIRE = 78 / 57  # base64 with its line ends


@dataclass(frozen=True)
class Sizes:
    """Estimates in bytes; `without` says how many documents lack a file of the kind."""

    total: int = 0
    largest: int = 0
    over: int = 0  # messages above what the account takes
    average_pdf: int = USUAL_PDF_BYTES
    without: dict[str, int] | None = None

    def lacking(self, kind: str) -> int:
        return (self.without or {}).get(kind, 0)


def sizes_of(
    messages: Sequence[PlannedMessage],
    kinds: Collection[str],
    *,
    largest_allowed: int,
    text_bytes: int = TEXT_BYTES,
    is_attached: bool = True,
) -> Sizes:
    """Add up the messages; `kinds` go along besides the PDF."""
    documents = {document.id for message in messages for document in message.documents}
    known = _bytes_by_kind(documents)
    pdfs = known.get(DocumentFileKind.PDF.value, {})
    average = sum(pdfs.values()) // len(pdfs) if pdfs else _usual_pdf()
    each = {key: pdfs.get(key, average) if is_attached else 0 for key in documents}
    for kind in kinds:
        for key, size in known.get(kind, {}).items():
            each[key] += size if is_attached else 0
    total = largest = over = 0
    for message in messages:
        files = sum(each[document.id] for document in message.documents)
        size = text_bytes + round(files * ON_THE_WIRE)
        total += size
        largest = max(largest, size)
        over += size > largest_allowed
    others = {kind.value for kind in DocumentFileKind} - {DocumentFileKind.PDF.value}
    without = {kind: len(documents) - len(known.get(kind, {})) for kind in others}
    return Sizes(total, largest, over, average, without)


def _bytes_by_kind(documents: Collection[int]) -> dict[str, dict[int, int]]:
    """The newest PDF of each document and all of its other files, added up."""
    found: dict[str, dict[int, int]] = {}
    rows = db.session.execute(
        select(
            DocumentFile.kind,
            DocumentFile.document_id,
            func.sum(File.size_bytes),
            func.max(File.size_bytes),
        )
        .join(File, File.id == DocumentFile.file_id)
        .where(is_any_of(DocumentFile.document_id, list(documents)))
        .group_by(DocumentFile.kind, DocumentFile.document_id)
    )
    for kind, document, total, largest in rows:
        size = largest if kind is DocumentFileKind.PDF else total
        found.setdefault(kind.value, {})[document] = int(size)
    return found


def _usual_pdf() -> int:
    """What the latest PDFs of this organization weigh."""
    latest = (
        select(File.size_bytes)
        .join(DocumentFile, DocumentFile.file_id == File.id)
        .where(DocumentFile.kind == DocumentFileKind.PDF)
        .order_by(DocumentFile.id.desc())
        .limit(50)
        .subquery()
    )
    average = db.session.scalar(select(func.avg(latest.c.size_bytes)))
    return int(average) if average else USUAL_PDF_BYTES
