"""The portal's preferences in two browsers: what staff switch, answer and approve, and what the customer finds (S2)."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jobs.portal import tell_staff_of_activity, write_to_representatives
from models.base import db
from models.mailings.delivery import Delivery
from models.people.customer_group import CustomerGroup
from models.portal.portal_settings import PortalSettings
from models.sales.document import Document, Quote, SalesOrder
from models.work.project import Project
from models.work.time_entry import TimeEntry
from tests.factories.people import make_contact, make_organization, make_user
from tests.factories.sales import make_document
from tests.factories.work import make_entry, make_project, make_task
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints
from tests.journeys.letters import found
from tests.journeys.portal_visit import Visit, make_visit
from tests.journeys.product import Product
from tests.journeys.windows import PHONE_WIDTH, WIDTHS, OpenWindow, go_to, press

SignIn = Callable[..., None]
Opened = tuple[Page, Complaints]
ADMIN, SALES = "admin@penalba.test", "ventas@penalba.test"
PREFERENCES = "/preferences/portal/customer-portal"
SWITCHES = ("allow_forward", "allow_reviews", "show_sales_orders", "show_projects")
EDITS = ("allow_profile_edit", "allow_address_edit")


@dataclass
class Shown:
    """What the customer has: each of a kind that can be switched off."""

    invoice: Document
    order: Document
    project: Project
    entry: TimeEntry


@pytest.fixture
def visit(company: Company) -> Visit:
    company.account.is_shared = True
    make_user(company.organization, role="administrator", name="Zoe Ávila", email=ADMIN)
    on = dict.fromkeys((*SWITCHES, *EDITS), True)
    return make_visit(company.customers[4], title="Peñalba", notify_emails=[SALES], **on)


@pytest.fixture
def shown(visit: Visit, company: Company) -> Shown:
    make_document(visit.customer, kind=Quote, series="CO")  # it stands before them in the menu
    order = make_document(visit.customer, kind=SalesOrder, series="OV", state="shipping")
    project = make_project(visit.customer, name="Estanterías")
    entry = make_entry(make_task(project, name="Montaje"), user_id=company.clerk.id, minutes=300)
    made = Shown(company.invoices[6], order, project, entry)
    db.session.commit()
    return made


@pytest.fixture
def width() -> int:
    """Of both: a telephone, where a test says nothing else."""
    return PHONE_WIDTH


@pytest.fixture
def customers(visit: Visit, open_window: OpenWindow, running: str, width: int) -> Opened:
    """The customer's window, signed in."""
    window, complaints = open_window(width)
    visit.stand_in(window.context, running)
    window.goto(f"{visit.root}/")
    return window, complaints


@pytest.fixture
def desk(visit: Visit, open_window: OpenWindow, sign_in: SignIn, width: int) -> Opened:
    """The administrator's window, signed in."""
    page, complaints = open_window(width)
    sign_in(page, ADMIN)
    return page, complaints


@pytest.mark.parametrize("width", WIDTHS)
def test_what_staff_switch_off_is_gone_and_comes_back(
    customers: Opened, desk: Opened, visit: Visit, shown: Shown
) -> None:
    """S2-01, S2-04, S2-13, S2-14, S2-17, S2-20 to S2-23: saved together or not at all; off, not even a known address."""
    make_organization(name="Acme")
    name = visit.root.removeprefix("/portal/")
    db.session.commit()
    window, complaints = customers
    staff, theirs = desk
    staff.goto(PREFERENCES)
    for each in (*EDITS, *SWITCHES):
        staff.locator(f"#{each}").uncheck()
    staff.get_by_text("Editar", exact=True).click()
    staff.locator("#name").fill("ACMÉ")
    theirs.expect(422)
    staff.get_by_role("button", name="Guardar").last.click()
    expect(staff.locator("#error-name")).to_contain_text("ya está en uso")
    expect(staff.locator("#show_projects")).not_to_be_checked()
    db.session.rollback()
    kept = db.session.scalars(select(PortalSettings).where(PortalSettings.name == name)).one()
    assert (kept.show_projects, kept.allow_profile_edit) == (True, True)
    staff.locator("#name").fill(name)
    _save(staff)

    complaints.expect(404)
    for path in (
        f"documents/{shown.order.public_id}",
        f"projects/{shown.project.public_id}",
        "reviews",
    ):
        window.goto(f"{visit.root}/{path}")
        expect(window.get_by_text("Error 404")).to_be_visible()
    window.goto(f"{visit.root}/documents/{shown.invoice.public_id}")
    expect(window.get_by_role("heading", level=1)).to_contain_text(shown.invoice.label)
    expect(window.get_by_role("link", name="Reenviar")).to_have_count(0)
    for gone in ("sales-orders", "projects", "reviews"):
        expect(window.locator(f"a[href='{visit.root}/{gone}']")).to_have_count(0)
    window.goto(f"{visit.root}/profile")
    expect(window.get_by_text("Estos datos solo los cambiamos nosotros")).to_be_visible()
    expect(window.get_by_role("button", name="Guardar")).to_have_count(0)
    expect(window.get_by_role("link", name="Agregar una dirección")).to_have_count(0)

    staff.goto(PREFERENCES)
    staff.locator("[name=allow_edit]").check()
    for each in (*EDITS, *SWITCHES):
        staff.locator(f"#{each}").check()
    _save(staff)
    window.goto(f"{visit.root}/documents/{shown.invoice.public_id}")
    expect(window.get_by_role("link", name="Reenviar")).to_be_visible()
    go_to(window, "Órdenes de venta")
    press(window.get_by_role("link", name=shown.order.label).first)
    expect(window.get_by_role("button", name="Descargar el PDF")).to_be_visible()
    for deed in ("Reenviar", "Imprimir"):
        expect(window.get_by_role("link", name=deed)).to_be_visible()
    window.goto(f"{visit.root}/profile")
    expect(window.get_by_role("link", name="Agregar una dirección")).to_be_visible()
    window.get_by_label("Idioma").select_option("en")
    window.get_by_role("button", name="Guardar").click()
    expect(window.get_by_role("heading", level=1)).to_have_text("My data")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_review_is_answered_and_hidden_by_staff(
    customers: Opened, desk: Opened, visit: Visit
) -> None:
    """S2-20: the customer writes, staff answer by its form and hide by its button; hidden, its writer still reads both, and it can be shown again."""
    window, _complaints = customers
    press(window.get_by_role("button", name="Su cuenta"))
    press(window.locator("#me").get_by_role("link", name="Reseñas"))
    window.get_by_label("Sus palabras").fill("Llegan el día que dicen.")
    press(window.locator("label[for=star-5]"))
    press(window.get_by_role("button", name="Enviar la reseña"))
    expect(window.locator(".v-fwds")).to_contain_text("Llegan el día que dicen.")

    staff, _theirs = desk
    staff.goto("/admin/review/")
    press(staff.get_by_role("link", name="Llegan el día que dicen.").first)
    staff.wait_for_url("**/details/**")
    press(staff.get_by_role("link", name="Editar").first)
    staff.locator("[name=reply]").fill("Gracias por contarlo.")
    press(staff.get_by_role("button", name="Guardar").first)
    staff.wait_for_url("**/details/**")
    window.reload()
    expect(window.locator(".v-reply")).to_contain_text("Gracias por contarlo.")

    for deed, said, state in (
        ("Ocultar", "La reseña está oculta.", "Oculta"),
        ("Mostrar", "La reseña está visible.", "Visible"),
    ):
        press(staff.get_by_role("button", name="Más acciones").first)
        press(staff.get_by_role("button", name=deed))
        expect(staff.get_by_text(said)).to_be_visible()
        expect(staff.locator("main .v-state", has_text=state).first).to_be_visible()
        window.reload()
        expect(window.locator(".v-fwds")).to_contain_text("Llegan el día que dicen.")
        expect(window.locator(".v-reply")).to_contain_text("Gracias por contarlo.")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_project_is_talked_about_and_its_hours_approved(
    customers: Opened, desk: Opened, visit: Visit, shown: Shown, product: Product
) -> None:
    """S2-23 to S2-25: a comment reaches staff, their page and the timeline; what they answer and approve stands with the customer."""
    window, _complaints = customers
    where = f"{visit.root}/projects/{shown.project.public_id}"
    window.goto(where)
    row = window.get_by_role("row").filter(has_text="Montaje")
    expect(row).to_contain_text("Sin facturar")
    window.get_by_label("Escriba un comentario").fill("¿Terminan el viernes?")
    window.get_by_role("button", name="Comentar").click()
    expect(window.locator(".v-says")).to_contain_text("¿Terminan el viernes?")
    tell_staff_of_activity.enqueue()  # as the clock does

    staff, _theirs = desk
    staff.goto(f"/admin/project/details/?id={shown.project.id}")
    said = staff.locator("#comments")
    expect(said).to_contain_text("¿Terminan el viernes?")
    said.get_by_label("Escriba un comentario").fill("Sí, el viernes.")
    said.get_by_label("Visible para el cliente").check()
    said.get_by_role("button", name="Comentar").click()
    expect(said.locator(".v-says")).to_contain_text("Sí, el viernes.")
    staff.goto(f"/admin/time_entry/details/?id={shown.entry.id}")
    staff.get_by_role("button", name="Más acciones").first.click()
    staff.get_by_role("button", name="Aprobar").click()
    expect(staff.get_by_text("Aprobada").first).to_be_visible()
    staff.goto(f"/admin/customer/timeline/?id={visit.customer.id}")
    expect(staff.locator(".v-tl")).to_contain_text("¿Terminan el viernes?")

    window.goto(where)
    expect(window.locator(".v-says")).to_contain_text("Sí, el viernes.")
    expect(row).to_contain_text("Aprobada")
    assert found(product, SALES, r"(?s)(.*)").startswith("Comentó")
    assert "Sí, el viernes." in found(product, visit.user.email, r"(?s)(.*)")


@pytest.mark.parametrize("width", WIDTHS)
def test_who_has_not_begun_is_written_to_once(desk: Opened, visit: Visit) -> None:
    """S0-10: of three representatives the two who never began, when the box is on; off, nobody."""
    group = db.session.scalars(select(CustomerGroup)).one()
    visit.customer.customer_group_id, group.uses_portal = group.id, True
    for name in ("Ana Peña", "Beto Nuñez"):
        make_contact(
            visit.customer, name=name, email=f"{name[:4].strip().lower()}@x.test", is_primary=False
        )
    db.session.commit()
    staff, _complaints = desk
    for name in ("Ana Peña", "Beto Nuñez"):
        staff.goto(f"/admin/customer/portal/?id={visit.customer.id}")
        staff.get_by_role("button", name=f"Más acciones con {name}").click()
        staff.locator(":popover-open").get_by_role("button", name="Agregar como").click()
        expect(staff.get_by_text("no se le escribió")).to_be_visible()
    write_to_representatives()
    assert _written_to() == []

    staff.goto(f"/customer-groups/{group.id}/portal-emails")
    staff.locator("[name=invites_at_once]").check()
    staff.get_by_role("button", name="Guardar").last.click()
    expect(staff.get_by_text("Los correos electrónicos del portal se guardaron.")).to_be_visible()
    expect(staff.get_by_text("Hoy lo recibirían 2 representantes")).to_be_visible()
    for _time in range(2):
        write_to_representatives()
    assert _written_to() == ["ana@x.test", "beto@x.test"]


def _written_to() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(select(Delivery.recipient)))


def _save(staff: Page) -> None:
    staff.get_by_role("button", name="Guardar").last.click()
    expect(staff.get_by_text("Las preferencias del portal se guardaron.")).to_be_visible()
