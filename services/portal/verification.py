"""Whether a file is a document of ours, byte for byte (pains C-10).

The PDF of a document is known by the hash of its content, so whoever changes a single byte of it, such as the account to
pay to, holds a file that nobody here knows (`docs/decisions/0049-what-proves-a-document.md`).
"""

import hashlib
import re
from typing import IO

from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import Invalid
from models.base import db
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentState
from models.system.file import File

HASH = re.compile("[0-9a-f]{64}")
LONGEST_TYPED = 200


def hash_of_file(file: IO[bytes]) -> str:
    """The SHA-256 of what is left to read of a file."""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # an upload reads as it needs


def typed_hash(text: str) -> str:
    """A SHA-256 as people copy it, in capitals or in blocks. Raises Invalid for anything else."""
    found = "".join(text[:LONGEST_TYPED].split()).lower()
    if not HASH.fullmatch(found):
        raise Invalid(_("A SHA-256 has 64 digits and letters from a to f."))
    return found


def document_with_pdf(sha256: str) -> Document | None:
    """The document of the present organization of which this is a PDF, as it was drawn once it had been issued."""
    found: Document | None = db.session.scalar(
        select(Document)
        .join(DocumentFile, DocumentFile.document_id == Document.id)
        .join(File, File.id == DocumentFile.file_id)
        .where(File.sha256 == sha256, DocumentFile.kind == DocumentFileKind.PDF)
        .where(Document.state != DocumentState.DRAFT)
        .where(DocumentFile.created_at >= func.coalesce(Document.posted_at, Document.created_at))
        .limit(1)
    )
    return found
