"""What stands beside a document is asked for only where there is any of it."""

from hashlib import sha256

import pytest

from models.base import db
from models.people.customer import Customer
from models.people.organization import Organization
from models.portal.document_forward import DocumentForward
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentState
from models.system.file import File
from models.work.comment import Comment, CommentVisibility
from services.portal.beside_document import Beside, bring_lines
from tests.factories.people import make_contact, make_customer, make_user
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved

NOTHING = Beside(has_files=False, has_comments=False, has_forwards=False)


@pytest.fixture
def customer(organization) -> Customer:
    return make_customer()


@pytest.fixture
def document(customer: Customer) -> Document:
    return make_document(customer)


def attach(document: Document, kind: DocumentFileKind) -> None:
    digest = sha256(f"{document.id} {kind}".encode()).hexdigest()
    file = saved(File(sha256=digest, size_bytes=4, media_type="text/xml", name="a"))
    saved(DocumentFile(document_id=document.id, file_id=file.id, kind=kind, rendered_from=digest))


def comment(document: Document, visibility: CommentVisibility) -> None:
    author = make_user(db.session.get_one(Organization, document.organization_id))
    saved(
        Comment(
            customer_id=document.customer_id,
            document_id=document.id,
            user_id=author.id,
            author_name=author.name,
            body="Va con la remisión.",
            visibility=visibility,
        )
    )


def forward(document: Document) -> None:
    owner = db.session.get_one(Customer, document.customer_id)
    author = make_portal_user(owner, make_contact(owner, is_primary=False))
    saved(
        DocumentForward(
            customer_id=document.customer_id,
            document_id=document.id,
            portal_user_id=author.id,
            addresses=["ana@x.test"],
        )
    )


def everything(document: Document) -> None:
    attach(document, DocumentFileKind.ANNEX)
    comment(document, CommentVisibility.CUSTOMER)
    forward(document)


@pytest.mark.parametrize(
    ("furnish", "found"),
    [
        (lambda _document: None, NOTHING),
        (lambda document: attach(document, DocumentFileKind.PDF), NOTHING),
        (lambda document: comment(document, CommentVisibility.INTERNAL), NOTHING),
        (lambda document: attach(document, DocumentFileKind.XML), Beside(True, False, False)),
        (
            lambda document: comment(document, CommentVisibility.CUSTOMER),
            Beside(False, True, False),
        ),
        (forward, Beside(False, False, True)),
        (everything, Beside(True, True, True)),
    ],
    ids=["none", "own PDF", "internal note", "file", "comment", "forward", "all"],
)
def test_each_is_known_to_be_there(customer: Customer, document: Document, furnish, found) -> None:
    everything(make_document(customer))  # nobody else's counts

    furnish(document)

    assert bring_lines(document) == found


def test_the_lines_come_with_it(customer: Customer, document: Document) -> None:
    empty = make_document(customer, state=DocumentState.DRAFT)
    empty.lines.clear()
    db.session.flush()
    for each, lines in ((document, ["Service"]), (empty, [])):
        db.session.expire(each, ["lines"])

        assert bring_lines(each) == NOTHING

        assert "lines" in vars(each)
        assert [line.description for line in each.lines] == lines
