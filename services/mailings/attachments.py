"""What goes along with the messages of a chunk: the PDF of each document, and the files that belong to it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import select

from models.any_of import is_any_of
from models.base import db
from models.sales.document_file import DocumentFile
from models.system.file import File
from services.mailings.message import Part, keep_part
from services.sales.drawing import PDF
from services.sales.pdf import Workshop, render_documents

WRITERS = 4  # each file waits for the disk


@dataclass
class Attachments:
    """By document: its parts, the PDF first, and the hash of the PDF; or why there is none."""

    parts: dict[int, list[Part]] = field(default_factory=lambda: defaultdict(list))
    pdfs: dict[int, str] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)

    def of(self, document_ids: Iterable[int]) -> list[Part]:
        """The parts of these documents, in their order."""
        return [part for key in document_ids for part in self.parts[key]]

    def hashes(self, document_ids: Iterable[int]) -> list[tuple[int, str]]:
        """For the ledger: each document with the PDF that is sent."""
        return [(key, self.pdfs[key]) for key in document_ids]

    def has_all(self, document_ids: Iterable[int]) -> bool:
        """Whether every one of them could be drawn."""
        return all(key in self.pdfs for key in document_ids)


def attachments_of(
    document_ids: Collection[int], kinds: Sequence[str], workshop: Workshop
) -> Attachments:
    """Draw what is not drawn yet, and add the files of these kinds that documents have."""
    rendered = render_documents(sorted(document_ids), workshop)
    store = workshop.store
    found = Attachments(problems=rendered.problems)
    found.pdfs = {key: pdf.sha256 for key, pdf in rendered.pdfs.items()}
    files: list[tuple[int, str, str, str]] = []
    for key, pdf in rendered.pdfs.items():
        if pdf.part:
            found.parts[key].append(Part(pdf.part.sha256, pdf.part.size_bytes))
        else:
            files.append((key, pdf.filename, PDF, pdf.sha256))
    if kinds:
        files += [
            (key, name or file.name, file.media_type, file.sha256)
            for key, name, file in _files_of(list(rendered.pdfs), kinds)
        ]
    with ThreadPoolExecutor(WRITERS) as writers:
        parts = writers.map(
            lambda file: keep_part(
                filename=file[1], content_type=file[2], sha256=file[3], store=store
            ),
            files,
        )
        for file, part in zip(files, parts, strict=True):
            found.parts[file[0]].append(part)
    return found


def _files_of(
    document_ids: Sequence[int], kinds: Sequence[str]
) -> list[tuple[int, str | None, File]]:
    rows = db.session.execute(
        select(DocumentFile.document_id, DocumentFile.name, File)
        .join(File, File.id == DocumentFile.file_id)
        .where(is_any_of(DocumentFile.document_id, document_ids), DocumentFile.kind.in_(kinds))
        .order_by(DocumentFile.document_id, DocumentFile.kind.desc(), DocumentFile.id)
    )
    return [(key, name, file) for key, name, file in rows]
