"""Folders of one's own, here and on the server (S3-05)."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, is_empty
from tests.journeys.mail_area.mailbox import OWN, Mailbox
from tests.journeys.other_program import eventually


def test_folders_of_ones_own_on_a_phone(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-05: made, renamed and deleted where the folders are one line above the list; the server has them so."""
    there = morning.elsewhere
    sign_in(page, company.clerk.email)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/mail/")
    page.get_by_label("Cuenta", exact=True).select_option(label=OWN)
    folders = page.locator("#mail-folders")
    folders.get_by_role("link", name="Carpeta nueva").click()
    dialog = page.get_by_role("dialog", name="Carpeta nueva")
    look_at(page, "mail-folder-new")
    dialog.get_by_label("Nombre").fill("Obra")
    dialog.get_by_role("button", name="Crear la carpeta").click()

    folders.get_by_role("link", name="Obra", exact=True).click()
    is_empty(page)
    eventually(lambda: "Obra" in there.folders())
    folders.get_by_role("link", name="Cambiar la carpeta Obra").click()
    dialog = page.get_by_role("dialog", name="Carpeta «Obra»")
    look_at(page, "mail-folder")
    dialog.get_by_label("Nombre").fill("Obras")
    dialog.get_by_role("button", name="Cambiar el nombre").click()
    expect(folders.get_by_role("link", name="Obras", exact=True)).to_be_visible()
    eventually(lambda: "Obras" in there.folders())
    assert "Obra" not in there.folders()
    page.get_by_role("link", name="Cambiar la carpeta Obras").click()
    page.get_by_role("dialog").get_by_role("button", name="Eliminar la carpeta").click()

    expect(folders.get_by_role("link", name="Reclamos", exact=True)).to_be_attached()
    expect(folders.get_by_role("link", name="Obras", exact=True)).to_have_count(0)
    eventually(lambda: "Obras" not in there.folders())
