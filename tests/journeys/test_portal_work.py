"""P-06, S2-17, S2-23 to S2-25: comments both ways, a document passed on, and every page of the work looked at."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.portal.portal_settings import PortalSettings
from models.portal.review import Review
from models.sales.document import Document
from models.work.project import Project
from services.portal.portal_sessions import open_session
from tests.factories.portal import make_portal_user
from tests.factories.saving import saved
from tests.factories.work import make_entry, make_project, make_task
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.product import Product

ON = dict.fromkeys(("show_projects", "allow_reviews", "allow_card_edit"), True)


@dataclass
class Visit:
    """A customer with an invoice and a project, and who stands there."""

    root: str
    token: str
    invoice: Document
    project: Project


@pytest.fixture
def visit(company: Company) -> Visit:
    customer, invoice = company.customers[4], company.invoices[6]
    assert invoice.customer_id == customer.id
    db.session.execute(update(PortalSettings).values(**ON))
    company.account.is_shared = True
    project = make_project(customer, name="Estanterías", planned_minutes=3_600)
    make_entry(make_task(project, name="Montaje"), user_id=company.clerk.id, minutes=300)
    contact = db.session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer.id)
    ).one()
    user = make_portal_user(customer, contact)
    saved(Review(customer_id=customer.id, portal_user_id=user.id, rating=4, body="Cumplen."))
    token = open_session(user, user.memberships[0], hours=1, ip=None, user_agent=None)
    name = db.session.scalars(select(PortalSettings.name)).one()
    db.session.commit()
    return Visit(f"/portal/{name}", token, invoice, project)


@pytest.fixture
def stand_in(running: str, visit: Visit) -> Callable[[BrowserContext], None]:
    def signed_in(context: BrowserContext) -> None:
        context.add_cookies([{"name": "portal", "value": visit.token, "url": running}])

    return signed_in


def test_comments_go_both_ways(
    page: Page, context: BrowserContext, visit: Visit, stand_in, sign_in, company: Company
) -> None:
    stand_in(context)
    sign_in(page, company.clerk.email)
    page.goto(f"{visit.root}/documents/{visit.invoice.public_id}")
    page.get_by_label("Escriba un comentario").fill("¿El flete es de los dos despachos?")
    page.get_by_role("button", name="Comentar").click()
    expect(page.locator(".v-says")).to_contain_text("¿El flete es de los dos despachos?")

    page.goto(f"/admin/invoice/details/?id={visit.invoice.id}")
    said = page.locator("#comments")
    expect(said).to_contain_text("¿El flete es de los dos despachos?")
    said.get_by_label("Escriba un comentario").fill("Ojo con este cliente")
    said.get_by_role("button", name="Comentar").click()
    expect(said.locator(".internal")).to_contain_text("Ojo con este cliente")
    said.get_by_label("Escriba un comentario").fill("Sí, de los dos.")
    said.get_by_label("Visible para el cliente").check()
    said.get_by_role("button", name="Comentar").click()
    expect(said.locator(".v-says")).to_contain_text("Sí, de los dos.")

    page.goto(f"{visit.root}/documents/{visit.invoice.public_id}")
    expect(page.locator(".v-says")).to_contain_text("Sí, de los dos.")
    expect(page.locator("body")).not_to_contain_text("Ojo con este cliente")
    page.goto(f"/admin/customer/timeline/?id={visit.invoice.customer_id}")
    expect(page.locator(".v-tl")).to_contain_text("Ojo con este cliente")


def test_a_document_is_passed_on(
    page: Page, context: BrowserContext, visit: Visit, stand_in, product: Product
) -> None:
    """The worker makes the message, the mail server gets it, the customer sees that it went."""
    stand_in(context)
    page.goto(f"{visit.root}/documents/{visit.invoice.public_id}")
    page.get_by_role("link", name="Reenviar").click()
    page.locator("[name=addresses]").fill("contador@estudio.test, jefa@estudio.test")
    page.get_by_label("Nota").fill("Para el cierre")
    page.get_by_role("button", name="Reenviar").click()
    expect(page.locator("#forwards")).to_contain_text("contador@estudio.test")

    def is_sent() -> bool:
        page.reload()
        return page.locator("#forwards .v-state.ok").count() == 2

    for _time in range(30):
        if is_sent():
            break
        page.wait_for_timeout(500)
    expect(page.locator("#forwards .v-state.ok")).to_have_count(2)
    assert len(product.mail.accepted) == 2


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("portal-projects", "/projects"),
        ("portal-project", "/projects/{project}"),
        ("portal-profile", "/profile"),
        ("portal-address", "/profile/addresses/new"),
        ("portal-forward", "/documents/{invoice}/forward"),
        ("portal-reviews", "/reviews"),
    ],
)
def test_the_portals_pages_are_for_everybody(
    page: Page, context: BrowserContext, visit: Visit, stand_in, name: str, path: str
) -> None:
    stand_in(context)
    where = path.format(project=visit.project.public_id, invoice=visit.invoice.public_id)
    page.goto(visit.root + where)
    look_at(page, name)


def test_the_staffs_pages_are_for_everybody(
    page: Page, visit: Visit, sign_in, company: Company
) -> None:
    sign_in(page, company.clerk.email)
    for name, path in (
        ("project", f"/admin/project/details/?id={visit.project.id}"),
        ("project-edit", f"/admin/project/edit/?id={visit.project.id}"),
        ("time-entry-new", "/admin/time_entry/new/"),
        ("customer-timeline", f"/admin/customer/timeline/?id={visit.invoice.customer_id}"),
    ):
        page.goto(path)
        look_at(page, name)
