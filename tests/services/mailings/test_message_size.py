"""How large messages become, before anything is rendered."""

import hashlib

from models.base import db
from models.mailings.mailing import MailingRange
from models.people.organization import Organization
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.system.file import File
from services.mailings.audience import Choice, resolve
from services.mailings.message import LARGEST_MESSAGE
from services.mailings.message_size import USUAL_PDF_BYTES, Sizes, sizes_of
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def make_file(document_id: int, kind: DocumentFileKind, size_bytes: int) -> None:
    name = f"{kind.value}-{document_id}"
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    file = File(sha256=sha256, size_bytes=size_bytes, media_type="application/pdf", name=name)
    db.session.add(file)
    db.session.flush()
    db.session.add(DocumentFile(document_id=document_id, file_id=file.id, kind=kind))
    db.session.flush()


def sizes(*kinds: str) -> Sizes:
    messages = resolve(Choice([MailingRange(series="FV")])).messages
    return sizes_of(messages, kinds, largest_allowed=LARGEST_MESSAGE)


def two_invoices() -> tuple[int, int]:
    first, second = make_customer(), make_customer()
    for customer in (first, second):
        make_contact(customer)
    return make_document(first).id, make_document(second).id


def test_what_is_not_rendered_yet_is_estimated(organization: Organization) -> None:
    """S1-09."""
    two_invoices()

    assert sizes().average_pdf == USUAL_PDF_BYTES
    assert 2 * USUAL_PDF_BYTES < sizes().total < 4 * USUAL_PDF_BYTES
    assert sizes().over == 0


def test_an_annex_of_40_mb_makes_its_message_too_large(organization: Organization) -> None:
    """S1-09: only the message that it goes with, and only where annexes go along."""
    first, _second = two_invoices()
    make_file(first, DocumentFileKind.ANNEX, 40_000_000)

    assert sizes().over == 0
    assert sizes("annex").over == 1
    assert sizes("annex").largest > 40_000_000
    assert sizes("annex").lacking("annex") == 1
    assert sizes("annex").lacking("xml") == 2
