"""Which files belong to a document: its PDF, and later its XML and annexes."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.sales.document import Document
from models.system.file import File


class DocumentFileKind(StrEnum):
    """What a file is to its document."""

    PDF = "pdf"
    XML = "xml"
    ANNEX = "annex"


class DocumentFile(OrganizationRecord):
    """A file of a document; for a PDF, `rendered_from` is the hash of everything that was rendered."""

    __tablename__ = "document_file"
    __table_args__ = (
        belongs_to("document", ondelete="CASCADE"),
        belongs_to("file"),
        UniqueConstraint("organization_id", "document_id", "kind", "rendered_from"),
    )
    __audited__ = False

    document_id: Mapped[int] = mapped_column()
    file_id: Mapped[int] = mapped_column()
    kind: Mapped[DocumentFileKind] = mapped_column()
    rendered_from: Mapped[str] = mapped_column(default="")

    file: Mapped[File] = relationship(primaryjoin=lambda: foreign(DocumentFile.file_id) == File.id)
    document: Mapped[Document] = relationship(
        primaryjoin=lambda: foreign(DocumentFile.document_id) == Document.id
    )

    @classmethod
    def pdf_of(cls, document: Document, rendered_from: str) -> Select[Any]:
        """The PDF that was rendered from exactly this content."""
        return select(cls).where(
            cls.document_id == document.id,
            cls.kind == DocumentFileKind.PDF,
            cls.rendered_from == rendered_from,
        )
