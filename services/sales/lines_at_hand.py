"""The lines of one document, brought by a statement that is kept ready."""

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm.attributes import set_committed_value

from models.base import db
from models.sales.document import Document, DocumentLine
from models.tenancy import kept

LINES = kept(
    select(DocumentLine)
    .where(DocumentLine.document_id == bindparam("document", type_=BigInteger))
    .order_by(DocumentLine.position)
)


def bring_lines(document: Document) -> None:
    """So that a page which reads them all needs not wait for SQLAlchemy to make its own statement."""
    lines = db.session.scalars(LINES, {"document": document.id}).all()
    set_committed_value(document, "lines", list(lines))
