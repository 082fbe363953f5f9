"""Which files belong to a document: its PDF, the XML of an electronic invoice, annexes."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, joinedload, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.sales.document import Document
from models.system.file import File


class DocumentFileKind(StrEnum):
    """What a file is to its document."""

    PDF = "pdf"
    XML = "xml"
    ANNEX = "annex"

    @classmethod
    def labels(cls) -> dict["DocumentFileKind", Any]:
        return {
            cls.PDF: _l("PDF"),
            cls.XML: _l("XML of the electronic document"),
            cls.ANNEX: _l("Annex"),
        }


class DocumentFile(OrganizationRecord):
    """A file of a document.

    For a PDF, `rendered_from` is the hash of everything that was rendered; for what people attach, the hash of the
    content, so that a document has it once. `name` is how they called it; a PDF goes by the name of its file.
    """

    __tablename__ = "document_file"
    __table_args__ = (
        belongs_to("document", ondelete="CASCADE"),
        belongs_to("file"),
        UniqueConstraint("organization_id", "document_id", "kind", "rendered_from"),
        Index("ix_document_file_by_file", "organization_id", "file_id"),
    )
    __audited__ = False

    document_id: Mapped[int] = mapped_column()
    file_id: Mapped[int] = mapped_column()
    kind: Mapped[DocumentFileKind] = mapped_column()
    rendered_from: Mapped[str] = mapped_column(default="")
    name: Mapped[str | None] = mapped_column()

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

    @classmethod
    def attached_to(cls, document_id: int | BindParameter[int]) -> Select[Any]:
        """What people attached to a document, with its files, the oldest first."""
        return (
            select(cls)
            .where(cls.document_id == document_id, cls.kind != DocumentFileKind.PDF)
            .options(joinedload(cls.file))
            .order_by(cls.id)
        )

    def __str__(self) -> str:
        return self.name or self.file.name
