"""P-01, P-02, P-03, P-05, P-09, S2-22, S2-26: a customer reads, downloads and answers, on a desk and on a phone, with and without script."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from jobs.mailings import workshop
from models.base import db, utc_now
from models.mailings.delivery import DeliveryBody
from models.mailings.mailing import AttachMode, MailingRange
from models.people.contact import Contact, CustomerContact
from models.portal.portal_settings import PortalSettings
from models.portal.share_link import ShareLink
from models.sales.document import Document, Invoice, Quote, SalesOrder
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.quote_answer import QuoteAnswer
from services.mailings.register import register_mailing
from services.portal.portal_sessions import open_session
from tests.factories.mailings import make_draft
from tests.factories.portal import make_portal_user
from tests.factories.sales import make_document
from tests.factories.statements import pay
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at

LINK = re.compile(rb"/l/[\w-]{43}")
PHONE = {"width": 390, "height": 844}


@dataclass
class Visit:
    """A customer with documents, and who stands there."""

    root: str
    token: str
    invoice: Document
    quote: Document
    order: Document


@pytest.fixture
def visit(company: Company) -> Visit:
    customer, day = company.customers[4], utc_now().date()
    company.organization.brand_color = "#e8d21d"  # nothing could be read on it as it is
    invoice = make_document(customer, price=1000, number="88", due_date=day - timedelta(days=9))
    quote = make_document(
        customer, kind=Quote, series="CO", number="2211", due_date=day + timedelta(days=4)
    )
    order = make_document(customer, kind=SalesOrder, series="OV", state=DocumentState.SHIPPING)
    pay(customer, 190, (invoice, 190), on=day - timedelta(days=3))
    db.session.scalars(select(PortalSettings)).one().banner = {"es": "<p>Cerrado el lunes.</p>"}
    user = make_portal_user(customer, _primary(customer.id))
    token = open_session(user, user.memberships[0], hours=1, ip=None, user_agent=None)
    name = db.session.scalars(select(PortalSettings.name)).one()
    db.session.commit()
    return Visit(f"/portal/{name}", token, invoice, quote, order)


def _primary(customer_id: int) -> Contact:
    return db.session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer_id, CustomerContact.is_primary)
    ).one()


@pytest.fixture
def stand_in(running: str, visit: Visit) -> Callable[[BrowserContext], None]:
    def signed_in(context: BrowserContext) -> None:
        context.add_cookies([{"name": "portal", "value": visit.token, "url": running}])

    return signed_in


def test_a_customer_reads_downloads_and_accepts(
    page: Page, context: BrowserContext, visit: Visit, stand_in
) -> None:
    stand_in(context)
    page.goto(f"{visit.root}/")
    expect(page.get_by_text("Cerrado el lunes.")).to_be_visible()
    expect(page.locator(".v-hero")).to_contain_text("1.")

    page.get_by_role("link", name="Facturas", exact=True).first.click()
    page.get_by_role("navigation", name="Estados").get_by_role("link", name="Vencida").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Facturas")
    page.get_by_role("link", name="FV-88").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Factura FV-88")
    with page.expect_download() as download:
        page.get_by_role("button", name="Descargar el PDF").click()
    assert download.value.suggested_filename == "FV-88.pdf"

    page.goto(f"{visit.root}/")
    page.locator(".v-todo", has_text="Cotización CO-2211").click()
    page.get_by_label("Su nombre").first.fill("Sofía Ñáñez")
    page.get_by_label("Acepto la cotización CO-2211").check()
    page.get_by_role("button", name="Aceptar por").click()
    expect(page.get_by_text("Sofía Ñáñez aceptó esta cotización")).to_be_visible()

    db.session.rollback()
    assert db.session.scalars(select(QuoteAnswer.name)).one() == "Sofía Ñáñez"


def test_a_look_counts_when_a_person_looks(
    page: Page, context: BrowserContext, visit: Visit, stand_in
) -> None:
    stand_in(context)
    where = f"{visit.root}/documents/{visit.invoice.public_id}"
    with page.expect_response(lambda answer: answer.url.endswith("/seen")) as told:
        page.goto(where)

    assert told.value.status == 204
    db.session.expire_all()
    db.session.rollback()
    assert db.session.get_one(Invoice, visit.invoice.id).first_viewed_at is not None


def test_a_link_counts_once_somebody_moves_on_its_page(
    page: Page, visit: Visit, company: Company, running: str
) -> None:
    """Pains C-4: what is open before its message has left, and moves nothing, may be a mail scanner."""
    sent = MailingRange(kind=DocumentKind.INVOICE, document_ids=[visit.invoice.id])
    mailing = make_draft(account=company.account, ranges=[sent], attach_mode=AttachMode.LINK)
    register_mailing(mailing, workshop())
    head = db.session.scalars(select(DeliveryBody.head)).one().replace(b"=\r\n", b"")
    found = LINK.search(head)
    assert found
    db.session.commit()

    with page.expect_response(lambda answer: answer.url.endswith("/seen")) as scanned:
        page.goto(running + found[0].decode())
    assert scanned.value.status == 202
    with page.expect_response(lambda answer: answer.url.endswith("/seen")) as read:
        page.mouse.move(200, 200)
    assert read.value.status == 204

    db.session.rollback()
    assert db.session.scalars(select(ShareLink.view_count)).one() == 1


def test_everything_works_without_script(
    chromium: Browser, running: str, visit: Visit, stand_in
) -> None:
    """On a phone: menus open, the PDF comes, a ZIP of the ticked ones too, the quote is declined with a reason."""
    context = chromium.new_context(
        base_url=running, locale="es-CO", viewport=PHONE, java_script_enabled=False
    )
    stand_in(context)
    page = context.new_page()
    page.goto(f"{visit.root}/")
    expect(page.get_by_text("Cerrado el lunes.")).to_be_visible()
    page.get_by_role("button", name="Más").click()
    page.locator("#more").get_by_role("link", name="Órdenes de venta").click()
    page.get_by_role("link", name="OV-").first.click()
    with page.expect_download():
        page.get_by_role("button", name="Descargar el PDF").click()
    page.goto(f"{visit.root}/invoices")
    page.get_by_text("Descargar varios").click()
    page.get_by_label("Incluir FV-88").check()
    with page.expect_download() as several:
        page.get_by_role("button", name="Descargar los marcados").click()
    assert several.value.suggested_filename == "Facturas (1).zip"
    page.goto(f"{visit.root}/documents/{visit.quote.public_id}")
    page.get_by_text("Rechazar…").click()
    page.get_by_label("Su nombre").last.fill("Sofía Ñáñez")
    page.get_by_label("¿Por qué la rechaza?").fill("Ya no lo necesitamos")
    page.get_by_role("button", name="Rechazar la cotización").click()
    expect(page.get_by_text("rechazó esta cotización")).to_be_visible()
    context.close()

    db.session.rollback()
    assert db.session.scalars(select(QuoteAnswer.reason)).one() == "Ya no lo necesitamos"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_document_holds(
    page: Page, context: BrowserContext, visit: Visit, stand_in, scheme: str, complaints: Complaints
) -> None:
    """L-26: no finding of axe with the company's colour, not wider than a phone, no complaint."""
    stand_in(context)
    page.emulate_media(color_scheme=scheme)
    keys = (visit.invoice.public_id, visit.quote.public_id, visit.order.public_id)
    documents = [f"/documents/{key}" for key in keys]
    paths = [
        "/",
        "/invoices",
        "/invoices?number=nothing",
        "/quotes",
        "/sales-orders",
        "/credit-notes",
        "/statements",
        "/payments",
        "/account",
        "/links",
        *documents,
        f"{documents[0]}/print",
    ]
    findings = []
    for path in paths:
        page.goto(visit.root + path)
        findings += [f"{path}: {found}" for found in glance_at(page)]
    page.goto(f"{visit.root}/invoices")
    page.get_by_text("Descargar varios").click()
    expect(page.get_by_label("Incluir FV-88")).to_be_visible()
    findings += [f"several: {found}" for found in glance_at(page)]

    assert not findings, "\n".join(findings)
