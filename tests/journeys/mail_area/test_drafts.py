"""What is written and not sent: here, in another tab, in another program (S3-18, S3-38, S3-40)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import Complaints
from tests.journeys.mail_area.area import SignIn, go_to, open_area
from tests.journeys.mail_area.composer import begin, drafts_there, is_kept
from tests.journeys.mail_area.mailbox import OWN, Mailbox, letter


def test_a_draft_of_another_program(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-18: it stands among the drafts, is continued here, and stands there once, on the server too."""
    there = desk.elsewhere
    offer = letter(1, sender=OWN, to="Ana <ana@cliente.test>", subject="Oferta")
    there.put("Drafts", offer, flags="(\\Draft \\Seen)")
    desk.read("Drafts")
    open_area(page, company, sign_in)
    go_to(page, "Borradores")
    page.locator("#mail-list").get_by_text("Oferta").click()
    page.get_by_role("button", name="Seguir escribiendo").click()
    expect(page.get_by_label("Asunto")).to_have_value("Oferta")

    page.goto("/mail/?folder=drafts")

    expect(page.locator("#mail-list").get_by_text("Oferta")).to_have_count(1)
    page.locator("#mail-list").get_by_text("Oferta").click()
    expect(page.get_by_label("Asunto")).to_have_value("Oferta")
    page.get_by_label("Asunto").fill("Oferta de abril")
    is_kept(page)
    drafts_there(there, {"Oferta de abril"})
    page.get_by_role("button", name="Eliminar el borrador").click()
    expect(page.locator("#mail-list").get_by_text("Oferta")).to_have_count(0)
    drafts_there(there, set())


def test_clearing(company: Company, desk: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-38: asks, empties all fields, and brings them back."""
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Nota")
    is_kept(page)
    page.get_by_role("button", name="Limpiar campos").click()
    page.get_by_role("button", name="Limpiar todos los campos").click()
    expect(page.get_by_text("Todos los campos están vacíos.")).to_be_visible()
    expect(page.get_by_label("Asunto")).to_have_value("")
    page.locator(".v-toast").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_label("Asunto")).to_have_value("Nota")


def test_two_tabs(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn, complaints: Complaints
) -> None:
    """S3-18: whoever writes in the second tab is told, nothing is written over, and what was typed there can still be read."""
    complaints.expect(409)
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Uno")
    is_kept(page)
    expect(page).to_have_url(re.compile("draft="))
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Asunto").fill("Dos")
    is_kept(other)
    expect(other.locator("[name=revision]")).to_have_value("2")
    page.get_by_label("Asunto").fill("Tres")
    expect(page.get_by_text("se siguió escribiendo en otra pestaña")).to_be_visible()
    page.get_by_role("button", name="Mostrar lo que hay").click()
    expect(page.get_by_label("Asunto")).to_have_value("Dos")
    expect(
        page.get_by_text("Lo que había en esta pestaña").locator("xpath=../pre")
    ).to_contain_text("Tres")
    drafts_there(desk.elsewhere, {"Dos"})


def test_another_language(company: Company, desk: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-40: what was typed is there after the language was changed, even before it was kept."""
    begin(page, company, sign_in)
    page.get_by_label("Asunto").fill("Nota de crédito")
    page.locator(".v-me").click()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="New message")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Nota de crédito")
