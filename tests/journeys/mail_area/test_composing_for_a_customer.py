"""A message for a customer, and one that leaves later (S3-28, S3-29, X3-11, L-26)."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from models.base import utc_now
from models.mailbox.mail_draft import DraftState
from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints, glance_at, look_at
from tests.journeys.mail_area.area import SignIn
from tests.journeys.mail_area.composer import begin, drafts, is_kept, name, text, write
from tests.journeys.mail_area.mailbox import Mailbox


def test_linking_an_account(company: Company, desk: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-28, S3-29: found by e-mail; one that is added in another tab, in its form, is found without reloading."""
    begin(page, company, sign_in)
    page.locator(".v-comp .ts-control").click()
    page.keyboard.type("pagos@cliente1.test")
    page.get_by_role("option", name=re.compile("Óptica Peñafiel")).click()
    expect(page.locator(".v-comp .ts-control")).to_contain_text("Óptica Peñafiel")
    is_kept(page)
    expect(page.locator("#compose-document")).to_contain_text("10101")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Agregar una cuenta nueva").click()
    form = opened.value
    form.get_by_label("Nombre", exact=True).first.fill("Cuenta Recién Creada")
    form.get_by_label("Número", exact=True).fill("C90001")
    form.get_by_role("button", name="Agregar contacto").click()
    contact = form.locator("[data-lines=contacts] tbody tr").last
    contact.get_by_label("Nombre").fill("Nueva")
    contact.get_by_label("Correo").fill("nueva@recien.test")
    form.get_by_role("button", name="Guardar").first.click()
    form.wait_for_url("**/details/**")
    form.close()
    page.bring_to_front()
    # Where the window has not got the keyboard back yet, loose keys would be shortcuts of the page.
    page.locator(".v-comp .ts-control").click()
    page.locator(".v-comp .ts-control input").press_sequentially("nueva@recien")
    page.get_by_role("option", name=re.compile("Cuenta Recién Creada")).click()
    expect(page.locator(".v-comp .ts-control")).to_contain_text("Cuenta Recién Creada")


def test_sending_later(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn, complaints: Complaints
) -> None:
    """X3-11: beside the list, folded away and up again; it waits among the drafts, and opens to be changed."""
    complaints.expect(422)
    begin(page, company, sign_in)
    fold = page.get_by_role("button", name="Minimizar")
    fold.click()
    expect(page.get_by_label("Asunto")).to_be_hidden()
    fold.click()
    name(page, "to", "ana@lanapa.test")
    page.get_by_label("Asunto").fill("Cotización")
    write(page, "Vale hasta el viernes.")
    page.get_by_role("button", name="Programar el envío").click()
    page.get_by_label("Día y hora").fill("2020-01-02T08:00")
    page.get_by_role("button", name="Programar", exact=True).click()
    expect(page.get_by_text("Ese momento ya pasó.")).to_be_visible()
    page.get_by_role("button", name="Programar el envío").click()
    tomorrow = utc_now() + timedelta(days=1)
    page.get_by_label("Día y hora").fill(f"{tomorrow:%Y-%m-%d}T08:00")
    page.get_by_role("button", name="Programar", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="El mensaje sale el")).to_be_visible()

    page.get_by_role("link", name="Borradores").click()
    row = page.locator("#mail-list li").filter(has_text="Cotización")
    expect(row).to_contain_text("Sale el")
    row.get_by_role("link").click()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_disabled()
    expect(page.get_by_label("Asunto")).to_be_disabled()
    expect(text(page)).to_have_attribute("contenteditable", "false")
    look_at(page, "mail-later")
    page.get_by_role("button", name="Deshacer el envío para cambiarlo").click()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_enabled()
    expect(page.get_by_label("Asunto")).to_have_value("Cotización")
    assert [each.state for each in drafts()] == [DraftState.WRITING]


def test_nothing_moves_while_it_arrives(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """L-26: over a slow line the window beside the list stands where it stays, before all of it is there."""
    begin(page, company, sign_in)
    beside = page.url
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 20, "downloadThroughput": 40_000, "uploadThroughput": -1}
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", slow)
    page.goto(beside)
    expect(text(page)).to_be_visible()

    assert glance_at(page) == []
