"""A customer of the portal who has one of everything, the keys of it, and all addresses of the portal."""

import re
from collections.abc import Iterator, Mapping, Sequence

from flask import Flask, current_app
from werkzeug.routing import Rule

from files.store import FileStore
from models.people.customer import Address, Customer
from models.portal.document_forward import DocumentForward
from models.portal.portal_user import PortalUser
from models.portal.review import Review
from models.sales.document import CreditNote, Document, Invoice, Quote, SalesOrder
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.payment_method import SavedPaymentMethod
from models.sales.quote_answer import Answer, QuoteAnswer
from models.system.file import File
from models.work.comment import Comment, CommentFile
from models.work.project import Project
from tests.factories.people import make_contact
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import pay
from tests.factories.work import make_entry, make_project, make_task

SECRET = "Zurrapa"  # stands in everything that is theirs
KEY = re.compile(r"<(?:\w+:)?(\w+)>")
Keys = Mapping[str, Sequence[object]]


def furnish(customer: Customer) -> dict[str, list[object]]:
    """One of everything for this customer; gives the keys by the names that routes have for them."""
    documents = [
        make_document(customer, kind=kind, number=str(4711 + place), series=SECRET)
        for place, kind in enumerate((Invoice, CreditNote, Quote, SalesOrder))
    ]
    documents[0].lines  # noqa: B018  # loaded
    kept = FileStore(current_app.extensions["settings"].files_url).put(b"<x/>")
    file = saved(
        File(sha256=kept.sha256, size_bytes=4, media_type="text/xml", name=f"{SECRET}.xml")
    )
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
            sha256=FileStore(current_app.extensions["settings"].files_url).put(b"x").sha256,
            name=SECRET,
            media_type="text/plain",
            size_bytes=1,
        )
        yield saved(file).id


def addresses(app: Flask, root: str, keys: Keys) -> Iterator[tuple[str, str, str, bool]]:
    """Endpoint, method and address of all that is about a customer, and whether it names somebody's record.

    The door, and one's own account, are about no customer.
    """
    for rule in app.url_map.iter_rules():
        is_door = hasattr(app.view_functions[rule.endpoint], "portal_door")
        if rule.endpoint.startswith("portal-") and not is_door:
            for url in _filled(rule, root, keys):
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    yield rule.endpoint, method, url, "<" in rule.rule.replace("<portal_name>", "")


def pages(app: Flask, root: str, keys: Keys) -> Iterator[tuple[str, str]]:
    """Endpoint and address of all that can be looked at, with the door; tokens stand under their endpoint."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("portal-") and "GET" in (rule.methods or set()):
            tokens = {"token": keys.get(rule.endpoint, [])}
            for url in _filled(rule, root, {**keys, **tokens}):
                yield rule.endpoint, url


def forms(app: Flask, root: str, keys: Keys) -> Iterator[tuple[str, str]]:
    """Endpoint and address of all that takes a form, with the door."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("portal-") and "POST" in (rule.methods or set()):
            gone = ["x" * 43]
            for url in _filled(
                rule, root, {"token": gone, "link_id": [7], "session_id": [7], **keys}
            ):
                yield rule.endpoint, url


def _filled(rule: Rule, root: str, keys: Keys) -> list[str]:
    """Its address with every key that there is for it."""
    urls = [rule.rule.replace("/portal/<portal_name>", root)]
    for name in KEY.findall(urls[0]):
        urls = [re.sub(rf"<(?:\w+:)?{name}>", str(key), url) for url in urls for key in keys[name]]
        assert urls, f"no key for {rule.endpoint}"
    return urls
