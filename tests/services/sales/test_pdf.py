"""A document's PDF is drawn once for what it says, and says what the rows say."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from mail.mime import attachment_part
from models.base import db
from models.sales.document import CreditNote, Quote, SalesOrder
from models.sales.document_file import DocumentFile
from models.system.file import File
from services.sales.document_pages import page_of
from services.sales.pdf import Workshop, filename_of, pdf_of, render_documents
from tests.factories.people import make_customer
from tests.factories.sales import make_document


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url="https://acme.test", processes=1)


def text_of(workshop, pdf):
    pages = PdfReader(BytesIO(workshop.store.read(pdf.sha256))).pages
    return "\n".join(page.extract_text() for page in pages)


def test_the_page_has_number_customer_amounts_and_dates(organization, workshop):
    customer = make_customer(name="Óptica Peñafiel")
    document = make_document(customer, price=1600, number="482")

    text = text_of(workshop, pdf_of(document, workshop))

    for told in ("FV-482", "Óptica Peñafiel", "1.600,00", "304,00", "1.904,00", "15 jul 2026"):
        assert told in text
    assert "IVA 19" in text


@pytest.mark.parametrize(("lang", "name"), [("es", "España"), ("en", "Spain")])
def test_both_countries_are_names_in_the_documents_language(organization, workshop, lang, name):
    organization.address = "Gran Vía 1\nMadrid\nEspaña"
    document = make_document(make_customer(), lang=lang)
    document.bill_to = {**document.bill_to, "city": "Madrid", "country": "ES"}

    page = page_of(document, organization, store=workshop.store, base_url="https://acme.test")

    assert page.customer.address_lines == ("Madrid", name)
    assert page.organization.address_lines == ("Gran Vía 1", "Madrid", name)


def test_a_document_is_drawn_once_until_it_says_something_else(organization, workshop):
    document = make_document(make_customer())
    first = pdf_of(document, workshop)
    again = pdf_of(document, workshop)

    document.balance_due = document.total / 2
    db.session.flush()
    paid = pdf_of(document, workshop)

    assert first == again
    assert paid.sha256 != first.sha256
    assert db.session.scalar(select(func.count()).select_from(DocumentFile)) == 2
    assert db.session.scalar(select(func.count()).select_from(File)) == 2


def test_what_is_drawn_for_messages_is_at_once_kept_as_they_carry_it(organization, workshop):
    documents = [make_document(make_customer()) for _ in range(3)]
    keys = [document.id for document in documents]

    with workshop.opened(makes_parts=True) as opened:
        pdfs = render_documents(keys, opened).pdfs

    for pdf in pdfs.values():
        content = workshop.store.read(pdf.sha256)
        part = attachment_part(pdf.filename, "application/pdf", content)
        assert workshop.store.read(pdf.part.sha256) == part
        assert pdf.part.size_bytes == len(part)
    assert render_documents(keys, workshop).pdfs[keys[0]].part is None


def test_an_invoice_that_is_paid_says_so(organization, workshop):
    document = make_document(make_customer(lang="en"), lang="en")
    assert "Paid: nothing is due" not in text_of(workshop, pdf_of(document, workshop))

    document.balance_due = 0
    db.session.flush()

    assert "Paid: nothing is due" in text_of(workshop, pdf_of(document, workshop))


@pytest.mark.parametrize("kind", [Quote, SalesOrder, CreditNote])
def test_every_kind_has_its_page(organization, workshop, kind):
    document = make_document(make_customer(lang="en"), kind=kind, lang="en")

    assert document.label in text_of(workshop, pdf_of(document, workshop))


def test_many_are_drawn_by_fresh_processes(organization, settings):
    workshop = Workshop(files_url=settings.files_url, base_url="https://acme.test", processes=2)
    customer = make_customer()
    keys = [make_document(customer).id for _ in range(14)]
    told = []

    rendered = render_documents(keys, workshop, progress=told.append)

    assert rendered.pdfs.keys() == set(keys)
    assert rendered.problems == {}
    assert told[-1] == 14
    assert len({pdf.sha256 for pdf in rendered.pdfs.values()}) == 14


def test_a_file_name_has_no_signs_that_systems_refuse(organization):
    document = make_document(make_customer(), series="2026/A:1")

    assert "/" not in filename_of(document)
    assert ":" not in filename_of(document)
