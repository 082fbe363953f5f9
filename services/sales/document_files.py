"""What people attach to a document: the XML of an electronic invoice, annexes. The document itself may be frozen."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import BigInteger, bindparam, select

from errors import Conflict, Invalid, NotFound
from models.audit_trail import record_event
from models.base import db
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.tenancy import kept
from services.system.uploads import Upload, keep

MOST_FILES = 20
XML = "application/xml"
ATTACHED = kept(DocumentFile.attached_to(bindparam("document", type_=BigInteger)))


def attachments_of(document: Document) -> Sequence[DocumentFile]:
    """What is attached, the oldest first; the PDFs that were rendered are not among it."""
    return db.session.scalars(ATTACHED, {"document": document.id}).all()


def attachment(document: Document, attachment_id: int) -> DocumentFile:
    """One of a document's files; raises NotFound for any other."""
    query = DocumentFile.attached_to(document.id).where(DocumentFile.id == attachment_id)
    found: DocumentFile | None = db.session.scalars(query).one_or_none()
    if found is None:
        raise NotFound(_("This file does not exist, or you have no access to it."))
    return found


def attach(document: Document, upload: Upload, kind: DocumentFileKind) -> DocumentFile:
    """Add a file to a document; raises Invalid for what is no XML, Conflict for what it has already."""
    if kind is DocumentFileKind.XML and upload.media_type != XML:
        raise Invalid(_("“%(file)s” is not an XML file.", file=upload.name), field="file")
    # The document is locked, so that two at once are counted one after the other.
    db.session.scalar(select(Document.id).where(Document.id == document.id).with_for_update())
    present = attachments_of(document)
    if any(one.kind is kind and one.file.sha256 == upload.sha256 for one in present):
        raise Conflict(_("“%(file)s” is attached already.", file=upload.name))
    if len(present) >= MOST_FILES:
        raise Conflict(_("A document may have %(most)d files.", most=MOST_FILES))
    added = DocumentFile(
        document_id=document.id,
        file=keep(upload),
        kind=kind,
        rendered_from=upload.sha256,
        name=upload.name,
    )
    db.session.add(added)
    db.session.flush()
    _tell(document, "attach", added)
    return added


def detach(document: Document, added: DocumentFile) -> None:
    """Take a file out; what it holds stays in the store for mails that carried it."""
    _tell(document, "detach", added)
    db.session.delete(added)
    db.session.flush()


def _tell(document: Document, action: str, added: DocumentFile) -> None:
    about = {"file": str(added), "kind": added.kind.value, "sha256": added.file.sha256}
    record_event(
        db.session(),
        entity="document",
        entity_id=document.id,
        action=action,
        before=None if action == "attach" else about,
        after=about if action == "attach" else None,
    )
