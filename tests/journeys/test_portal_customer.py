"""The customer's half of the portal's preferences (S2): what is on is there and works, what is off is absent."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from jobs.portal import tell_staff_of_activity
from models.base import db, utc_now
from models.people.customer import Address
from models.portal.portal_settings import PortalSettings
from models.sales.document import Quote, SalesOrder
from tests.factories.people import make_contact
from tests.factories.sales import make_document
from tests.factories.work import make_entry, make_project, make_task
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at
from tests.journeys.portal_visit import PHONE, Visit, make_visit, switch
from tests.journeys.product import Product
from tests.journeys.windows import WIDTHS, OpenWindow, press

ALL_ON = dict.fromkeys(
    ("show_projects", "show_sales_orders", "allow_reviews", "allow_card_edit", "allow_forward"),
    True,
)
ENTRIES = {"show_sales_orders": "Órdenes de venta", "show_projects": "Proyectos"}


@pytest.fixture
def visit(company: Company) -> Visit:
    company.account.is_shared = True
    company.organization.brand_color = "#7a2e5d"
    return make_visit(company.customers[4], title="Distribuidora Peñalba", **ALL_ON)


@pytest.fixture
def window(visit: Visit, page: Page, context: BrowserContext, running: str) -> Page:
    """The customer's browser, signed in, on the first page."""
    visit.stand_in(context, running)
    page.goto(f"{visit.root}/")
    return page


def test_the_door_wears_the_company_and_speaks_all_languages(
    page: Page, visit: Visit, complaints: Complaints
) -> None:
    """S2-27, P-20: before and after signing in; axe finds nothing there, in both themes."""
    findings = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in ("/sign-in?way=password", "/sign-in/spoken-code", "/request-access"):
            page.goto(visit.root + path)
            findings += [f"{path}: {found}" for found in glance_at(page)]
    assert not findings, "\n".join(findings)
    page.goto(f"{visit.root}/sign-in?way=password")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to your portal")
    expect(page).to_have_url(re.compile(r"/sign-in\?way=password$"))
    page.get_by_role("button", name="Português").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entre no seu portal")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entre a su portal")
    visit.sign_in(page)
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    for path in ("/security", "/customers"):
        page.goto(visit.root + path)
        findings += [f"{path}: {found}" for found in glance_at(page)]
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("width", WIDTHS)
def test_customers_look_after_their_own_data(
    visit: Visit, open_window: OpenWindow, running: str, width: int
) -> None:
    """S2-13, S2-14, S2-15: a wrong value is said at its field, nothing that was written is lost; then it is kept."""
    window, complaints = open_window(width)
    visit.stand_in(window.context, running)
    complaints.expect(422)
    invoice = make_document(visit.customer, number="555")
    db.session.commit()
    window.goto(f"{visit.root}/profile")
    window.get_by_label("Nombre", exact=True).fill("Sofía Ñáñez Echeverri")
    window.get_by_label("Teléfono").fill("no es un número")
    press(window.get_by_role("button", name="Guardar"))
    expect(window.locator("#phone-problem")).to_be_visible()
    expect(window.get_by_label("Nombre", exact=True)).to_have_value("Sofía Ñáñez Echeverri")
    window.get_by_label("Teléfono").fill("+57 604 555 0163")
    press(window.get_by_role("button", name="Guardar"))
    expect(window.locator(".v-toast")).to_be_visible()

    press(window.get_by_role("link", name="Agregar una dirección"))
    window.get_by_label("Calle y número").fill("Cra. 50 n.º 31-08")
    window.get_by_label("Ciudad").fill("Itagüí")
    window.get_by_label("País").select_option("CO")
    press(window.get_by_role("button", name="Guardar"))
    expect(window.get_by_text("Cra. 50 n.º 31-08", exact=True)).to_be_visible()

    db.session.rollback()
    assert db.session.scalars(select(Address.city)).all() == ["Itagüí"]
    window.goto(f"{visit.root}/documents/{invoice.public_id}")
    expect(window.get_by_role("heading", level=1)).to_contain_text("FV-555")
    expect(window.get_by_text("Itagüí")).to_have_count(0)


def test_what_customers_may_not_change_is_only_read(window: Page, visit: Visit) -> None:
    """S2-13: off, the same data without a form."""
    switch(allow_profile_edit=False, allow_address_edit=False, allow_card_edit=False)

    window.goto(f"{visit.root}/profile")

    expect(window.get_by_text("Estos datos solo los cambiamos nosotros")).to_be_visible()
    expect(window.get_by_role("button", name="Guardar")).to_have_count(0)
    expect(window.get_by_role("link", name="Agregar una dirección")).to_have_count(0)
    expect(window.get_by_role("heading", name="Medios de pago")).to_have_count(0)


@pytest.mark.parametrize("feature", ENTRIES)
def test_what_is_off_is_absent(
    window: Page, visit: Visit, complaints: Complaints, feature: str
) -> None:
    """S2-21, S2-23, pains C-7: on and of use, it stands in the menu; off, neither there nor at its known address."""
    order = make_document(visit.customer, kind=SalesOrder, series="OV", state="shipping")
    project = make_project(visit.customer, name="Estanterías")
    db.session.commit()
    where = {
        "show_sales_orders": f"/documents/{order.public_id}",
        "show_projects": f"/projects/{project.public_id}",
    }[feature]
    menu = window.get_by_role("navigation", name="Portal")
    expect(menu.get_by_role("link", name="Cuenta")).to_be_visible()
    expect(menu.get_by_role("link", name=ENTRIES[feature])).to_have_count(0)  # nothing was on it
    window.goto(f"{visit.root}/")
    expect(menu.get_by_role("link", name=ENTRIES[feature])).to_be_visible()
    window.goto(visit.root + where)
    expect(menu).to_be_visible()

    switch(**{feature: False})
    complaints.expect(404)
    window.goto(f"{visit.root}/")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("link", name=ENTRIES[feature])).to_have_count(0)
    window.goto(visit.root + where)
    expect(window.get_by_text("Error 404")).to_be_visible()
    expect(window.locator(".v-brand")).to_contain_text("Peñalba")


def test_hours_say_what_became_of_them(window: Page, visit: Visit, company: Company) -> None:
    """S2-24: task, day, hours and state of each entry."""
    task = make_task(make_project(visit.customer, name="Estanterías"), name="Montaje")
    make_entry(task, user_id=company.clerk.id, minutes=300, state="billed")
    db.session.commit()

    window.goto(f"{visit.root}/projects")
    window.get_by_role("link", name="Estanterías").click()

    row = window.get_by_role("row").filter(has_text="Montaje")
    expect(row).to_contain_text("5,0")
    expect(row).to_contain_text("Facturada")


def test_staff_hear_of_what_a_customer_does(window: Page, visit: Visit, product: Product) -> None:
    """S2-08, S2-09: who, what and where, in one message to whoever is named in the preferences."""
    quote = make_document(
        visit.customer, kind=Quote, series="CO", number="77", due_date=utc_now().date()
    )
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.notify_emails = ["ventas@penalba.test"]
    db.session.commit()
    window.goto(f"{visit.root}/documents/{quote.public_id}")
    window.set_viewport_size(PHONE)
    window.get_by_label("Acepto la cotización CO-77").check()
    window.get_by_role("button", name="Aceptar por").click()
    expect(window.get_by_text("aceptó esta cotización")).to_be_visible()

    tell_staff_of_activity.enqueue()  # as the clock does
    for _time in range(40):
        if any("ventas@penalba.test" in str(each) for each in product.mail.accepted):
            break
        window.wait_for_timeout(500)
    assert any("ventas@penalba.test" in str(each) for each in product.mail.accepted)


def test_an_expired_quote_says_so_without_script(
    chromium: Browser, running: str, visit: Visit
) -> None:
    """P-03: no form, one sentence, on a phone."""
    quote = make_document(
        visit.customer,
        kind=Quote,
        series="CO",
        number="78",
        issue_date=utc_now().date().replace(day=1),
        due_date=utc_now().date().replace(day=2),
    )
    db.session.commit()
    context = chromium.new_context(
        base_url=running, locale="es-CO", viewport=PHONE, java_script_enabled=False
    )
    visit.stand_in(context, running)
    page = context.new_page()

    page.goto(f"{visit.root}/documents/{quote.public_id}")

    expect(page.locator("#answer-card")).to_contain_text("válida hasta el")
    expect(page.get_by_role("button", name="Aceptar por")).to_have_count(0)
    context.close()


def test_staff_look_as_a_contact_and_leave(
    page: Page, visit: Visit, sign_in, company: Company, complaints: Complaints
) -> None:
    """P-22: from the customer's page, as a technician who sees no money; and back."""
    company.clerk.is_global_admin = True
    make_contact(visit.customer, roles=("technical",), is_primary=False, name="Óscar Ibáñez")
    db.session.commit()
    sign_in(page, company.clerk.email)
    page.goto(f"/admin/customer/details/?id={visit.customer.id}")
    page.get_by_role("button", name="Más acciones").first.click()
    page.get_by_role("button", name="Ver el portal como el cliente").click()
    bar = page.get_by_role("region", name="Ver como el cliente")
    expect(bar).to_be_visible()
    expect(page.get_by_role("link", name="Facturas", exact=True).first).to_be_visible()
    bar.get_by_label("Ver como").select_option(label="Óscar Ibáñez · Técnico")
    bar.get_by_role("button", name="Mostrar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hola, Óscar")
    expect(page.get_by_role("link", name="Facturas", exact=True)).to_have_count(0)
    findings = glance_at(page)
    assert not findings, "\n".join(findings)
    bar.get_by_role("button", name="Salir").click()
    expect(page).to_have_url(re.compile(r"/admin/customer/"))
