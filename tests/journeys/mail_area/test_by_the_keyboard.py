"""With the keyboard alone: the focus is where the work goes on, and a message leaves without the mouse."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn, act, choose, open_area, rows
from tests.journeys.mail_area.composer import address, begin, drafts, text
from tests.journeys.mail_area.mailbox import Mailbox


def test_the_focus_stays_in_the_list(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-05, S3-11, S3-15: j takes it along, and after a deed it is on the row that is there now, not on the top of the page."""
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(6)
    page.keyboard.press("j")
    expect(rows(page).nth(0).get_by_role("link")).to_be_focused()
    page.keyboard.press("j")
    second = rows(page).nth(1)
    expect(second.get_by_role("link")).to_be_focused()
    page.keyboard.press("#")  # the second one may still be on its way
    expect(rows(page)).to_have_count(5)
    expect(page.locator("#mail-list .cur").get_by_role("link")).to_be_focused()

    choose(page, "Cliente 3")
    act(page, "Marcar como leído")
    expect(page.get_by_role("status").filter(has_text="marcado como leído")).to_be_visible()
    expect(page.locator("#mail-list :focus")).to_have_count(1)
    act(page, "Archivar")
    expect(rows(page)).to_have_count(4)
    expect(page.locator("#mail-list :focus")).to_have_count(1)


def test_written_and_sent_without_the_mouse(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-27, S3-31, S3-39: a new message begins in *Para*; Ctrl+Enter sends it, with the address that is still being typed."""
    begin(page, company, sign_in)
    expect(address(page, "to")).to_be_focused()
    page.keyboard.type("sofia@lanapa.test")
    page.keyboard.press("Tab")
    page.get_by_label("Asunto").focus()
    page.keyboard.type("Nota de crédito")
    text(page).focus()
    page.keyboard.type("Va adjunta.")
    address(page, "to").focus()
    page.keyboard.type("oscar@lanapa.test")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()
    [draft] = drafts()
    assert draft.fields["to"] == "sofia@lanapa.test, oscar@lanapa.test"
    assert "Va adjunta." in draft.fields["body_html"]
    assert "<br" not in draft.fields["body_html"]


def test_the_question_is_no_dead_end(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-34, S3-40: a page that asks whether to send without a subject can be loaded again, read in another language, and come back to."""
    begin(page, company, sign_in)
    page.keyboard.type("sofia@lanapa.test")
    page.keyboard.press("Enter")
    text(page).focus()
    page.keyboard.type("Va adjunta.")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje no tiene asunto. ¿Enviarlo así?")).to_be_visible()
    page.reload()
    expect(text(page)).to_contain_text("Va adjunta.")
    expect(page.locator(".v-errsum")).to_have_count(0)

    page.get_by_role("button", name="Enviar", exact=True).click()
    page.get_by_role("button", name="Enviar así").click()
    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Deshacer el envío para cambiarlo")).to_be_visible()


def test_undoing_stays_beside_the_list(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-38: what was cleared comes back into the window in which it was written, with the list still there."""
    begin(page, company, sign_in)
    text(page).focus()
    page.keyboard.type("Va adjunta.")
    page.get_by_role("button", name="Limpiar campos").click()
    page.get_by_role("button", name="Limpiar todos los campos").click()
    page.locator(".v-toast").get_by_role("button", name="Deshacer").click()
    expect(text(page)).to_contain_text("Va adjunta.")
    expect(page.locator("#mail-list")).to_be_attached()
