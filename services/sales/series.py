"""The series that the documents of a kind have."""

from sqlalchemy import select

from models.base import db
from models.sales.document import Document
from models.sales.document_state import DocumentKind


def series_of(kind: DocumentKind) -> list[str]:
    """Their names, without the nameless one.

    A loose index scan: one step of the index for each series, however many documents there are.
    """
    names: list[str] = []
    query = select(Document.series).where(Document.kind == kind).order_by(Document.series).limit(1)
    name = db.session.scalar(query)
    while name is not None:
        names.append(name)
        name = db.session.scalar(query.where(Document.series > name))
    return [name for name in names if name]
