"""T01, T02: every route of the portal with another customer's keys and another company's, also without the first wall.

`mine` is the application's filter; without it PostgreSQL must still give nothing away, nor to pages that ask for another
customer than the one who is signed in.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from models.base import db
from models.mailings.mailing import AttachMode
from models.people.customer import Address, Customer
from models.people.organization import Organization
from models.portal.document_forward import DocumentForward
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalUser
from models.portal.review import Review
from models.portal.share_link import ShareLink
from models.sales.document import CreditNote, Document, Invoice, Quote, SalesOrder
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.payment_method import SavedPaymentMethod
from models.sales.quote_answer import Answer, QuoteAnswer
from models.system.file import File
from models.tenancy import acting_in
from models.work.comment import Comment, CommentFile
from models.work.project import Project
from portal import guard, own_documents
from services.mailings.register import register_mailing
from services.portal import visible_documents
from services.portal.visible_documents import Sight
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_organization
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import pay
from tests.factories.work import make_entry, make_project, make_task

SECRET = "Zurrapa"  # stands in everything that is somebody else's
KEY = re.compile(r"<(?:\w+:)?(\w+)>")


def everything(sight: Sight, *kinds: DocumentKind):
    """What is left when somebody forgets the filter."""
    return select(Document)


def put_in_place_of(function: Any, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it was imported to."""
    for module in list(sys.modules.values()):
        if getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, other)


@pytest.fixture(params=["both walls", "no filter", "the filter of another customer"])
def walls(
    request: pytest.FixtureRequest,
    foreign: dict[str, list[object]],
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    if request.param == "no filter":
        put_in_place_of(visible_documents.mine, everything, monkeypatch)
    if request.param == "the filter of another customer":
        key = foreign["customer_id"][0]
        sight = Sight(key, visible_documents.EVERYTHING, may_answer=True)
        customer = Customer(id=key, organization_id=1, number="1", name="x", currency="EUR")
        put_in_place_of(own_documents.current_sight, lambda: sight, monkeypatch)
        put_in_place_of(guard.current_customer, lambda: customer, monkeypatch)
    return str(request.param)


def furnish(customer: Customer) -> dict[str, list[object]]:
    """One of everything for this customer; gives the keys by the names that routes have for them."""
    documents = [
        make_document(customer, kind=kind, number=str(4711 + place), series=SECRET)
        for place, kind in enumerate((Invoice, CreditNote, Quote, SalesOrder))
    ]
    documents[0].lines  # noqa: B018  # loaded
    file = saved(File(sha256="a" * 64, size_bytes=1, media_type="text/xml", name=f"{SECRET}.xml"))
    attached = saved(
        DocumentFile(
            document_id=documents[0].id,
            file_id=file.id,
            kind=DocumentFileKind.XML,
            rendered_from="a" * 64,
        )
    )
    pay(customer, 5, (documents[0], 5), reference=f"{SECRET}-1")
    project = make_project(customer, name=SECRET)
    make_entry(make_task(project, name=SECRET), description=SECRET)
    address = saved(Address(customer_id=customer.id, street=SECRET, city=SECRET, country="CO"))
    method = saved(
        SavedPaymentMethod(
            customer_id=customer.id, provider="x", token="t", brand=SECRET, last4="1111"
        )
    )
    author = _said(customer, documents)
    make_contact(customer, name=SECRET, is_primary=False)
    return {
        "customer_id": [customer.id],
        "provider": ["nobodys"],
        "public_id": [each.public_id for each in (*documents, project)],
        "file_id": [attached.id, *_commented(customer, author, documents[0], project)],
        "address_id": [address.id],
        "method_id": [method.id],
    }


def _said(customer: Customer, documents: Sequence[Document]) -> PortalUser:
    """A review, an answer and a forward by somebody of the customer's."""
    author = make_portal_user(customer, make_contact(customer, name=SECRET), name=SECRET)
    about = {"customer_id": customer.id, "portal_user_id": author.id}
    saved(Review(rating=1, body=SECRET, **about))
    saved(
        QuoteAnswer(
            document_id=documents[2].id,
            answer=Answer.ACCEPTED,
            name=SECRET,
            pdf_sha256="a" * 64,
            **about,
        )
    )
    for each in documents:
        saved(
            DocumentForward(
                document_id=each.id, addresses=[f"{SECRET}@x.test"], note=SECRET, **about
            )
        )
    return author


def _commented(
    customer: Customer, author: PortalUser, document: Document, project: Project
) -> Iterator[int]:
    """A comment with a file on both."""
    for about in ({"document_id": document.id}, {"project_id": project.id}):
        comment = saved(
            Comment(
                customer_id=customer.id,
                portal_user_id=author.id,
                author_name=SECRET,
                body=SECRET,
                **about,
            )
        )
        file = CommentFile(
            comment_id=comment.id,
            customer_id=customer.id,
            sha256="a" * 64,
            name=SECRET,
            media_type="text/plain",
            size_bytes=1,
        )
        yield saved(file).id


@pytest.fixture(params=["another customer", "another company"])
def foreign(
    request: pytest.FixtureRequest, organization: Organization, settings
) -> dict[str, list[object]]:
    workshop = Workshop(files_url=settings.files_url, base_url="http://localhost", processes=1)
    if request.param == "another company":
        other = make_organization()
        with acting_in(other.id):
            found = furnish(make_customer(name=SECRET))
            register_mailing(make_draft(customers=1, attach_mode=AttachMode.LINK), workshop)
            found["link_id"] = list(db.session.scalars(select(ShareLink.id)))
            db.session.commit()
        return found
    found = furnish(make_customer(name=SECRET))
    register_mailing(make_draft(customers=1, attach_mode=AttachMode.LINK), workshop)
    found["link_id"] = [db.session.scalars(select(ShareLink.id)).one()]
    db.session.commit()
    return found


def addresses(
    app: Flask, root: str, keys: dict[str, list[object]]
) -> Iterator[tuple[str, str, bool]]:
    """Method, address and whether it names somebody's record."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.endpoint.startswith("portal-") or hasattr(view, "portal_door"):
            continue  # the door, and one's own account, are about no customer
        names = [name for name in KEY.findall(rule.rule) if name != "portal_name"]
        pattern = rule.rule.replace("/portal/<portal_name>", root)
        urls = [pattern]
        for name in names:
            urls = [
                re.sub(rf"<(?:\w+:)?{name}>", str(key), url) for url in urls for key in keys[name]
            ]
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for url in urls:
                yield method, url, bool(names)


def test_nobody_reads_or_changes_what_is_somebody_elses(
    app: Flask, stand, walls: str, foreign: dict[str, list[object]]
) -> None:
    window = stand()
    everything_on = dict.fromkeys(("show_projects", "allow_reviews", "allow_card_edit"), True)
    db.session.execute(update(PortalSettings).values(**everything_on))
    db.session.commit()
    tables = (
        *("document", "share_link", "quote_answer", "portal_event", "document_file", "comment"),
        *("project", "time_entry", "document_forward", "payment_method", "address", "review"),
        *("contact", "customer_contact", "comment_file"),
    )
    look = [text(f"SELECT jsonb_agg(to_jsonb(t) ORDER BY id) FROM {table} t") for table in tables]
    before = [db.session.execute(query).scalar() for query in look]
    db.session.commit()
    token = window.browser.csrf_token(f"{window.root}/")
    walked = 0

    for method, url, names_record in addresses(app, window.root, foreign):
        data = {"csrf_token": token, "name": "x", "agreed": "yes", "pdf": "a" * 64}
        data |= {"body": "", "addresses": "x@example.com", "street": "x", "city": "x"}
        answer = window.browser.open(url, method=method, data=data if method == "POST" else None)
        assert SECRET.encode() not in answer.data, (walls, method, url)
        if names_record:
            assert answer.status_code == 404, (walls, method, url)
            walked += 1

    assert walked >= 20
    assert [db.session.execute(query).scalar() for query in look] == before


def test_what_does_not_exist_and_what_is_somebody_elses_look_the_same(stand) -> None:
    """T05: no address tells whether a document is there."""
    window = stand()
    other = make_document(make_customer())
    draft = make_document(window.customer, state=DocumentState.DRAFT)
    db.session.commit()
    nobody = "00000000-0000-7000-8000-000000000007"

    answers = [
        window.get(f"/documents/{key}") for key in (nobody, other.public_id, draft.public_id)
    ]

    def told(answer):
        return re.sub(r'(nonce=|value=)"[^"]*"|<code>\w+</code>|data-copy="\w+"', "", answer.text)

    assert {answer.status_code for answer in answers} == {404}
    assert len({told(answer) for answer in answers}) == 1
