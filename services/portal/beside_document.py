"""What the page of a document has to fetch besides it: the lines at once, and of all else whether there is any."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, BindParameter, Exists, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from models.base import db
from models.portal.document_forward import DocumentForward
from models.sales.document import Document, DocumentLine
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.tenancy import kept
from models.work.comment import Comment
from services.work.comments import FOR_CUSTOMERS


@dataclass(frozen=True, slots=True)
class Beside:
    """Which questions are worth asking: most documents have none of these, and are asked once."""

    has_files: bool
    has_comments: bool
    has_forwards: bool


def _document() -> BindParameter[int]:
    """Of its own for each place where it stands: SQLAlchemy compares one that stands twice at every request."""
    return bindparam("document", type_=BigInteger)


def _is_any(model: type[DocumentFile | Comment | DocumentForward]) -> Exists:
    return select(model.id).where(model.document_id == _document()).exists()


PARTS = kept(
    select(
        DocumentLine,
        _is_any(DocumentFile).where(DocumentFile.kind != DocumentFileKind.PDF),
        _is_any(Comment).where(FOR_CUSTOMERS),
        _is_any(DocumentForward),
    )
    .select_from(Document)
    .outerjoin(DocumentLine, DocumentLine.document_id == Document.id)
    .where(Document.id == _document())
    .order_by(DocumentLine.position)
)


def bring_lines(document: Document) -> Beside:
    """So that a page which reads them all needs not wait for SQLAlchemy to make its own statement."""
    rows = db.session.execute(PARTS, {"document": document.id}).all()
    lines = [line for line, *_beside in rows if line is not None]
    set_committed_value(document, "lines", lines)
    _line, *beside = rows[0]
    return Beside(*beside)
