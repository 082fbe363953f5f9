"""With the keyboard alone: the focus is where the work goes on."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn, act, choose, open_area, rows
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
