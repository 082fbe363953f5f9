"""What belongs to one conversation, and what only may (X3-07)."""

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, open_area, open_conversation, rows
from tests.journeys.mail_area.mailbox import SOFIA, Mailbox, letter


def test_ids_tie_and_the_subject_only_suggests(
    company: Company, mailbox: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """X3-07, S3-26: by References and by In-Reply-To into one row, whatever the subject says; by sender and subject a suggestion that leads there."""
    first = "<pedido@cliente1.test>"
    mailbox.elsewhere.put(
        "INBOX",
        letter(90, sender=SOFIA, subject="Pedido de abril", message_id=first),
        letter(80, sender="Jefa <jefa@x.test>", subject="RE: Otro asunto", references=first),
        letter(70, sender=SOFIA, subject="Re: Pedido de abril (2)", in_reply_to=first),
        letter(60, sender=SOFIA, subject="RV: Pedido de abril", text="Esto es aparte."),
        letter(50, sender="Otra <otra@y.test>", subject="PEDIDO DE ABRIL"),
    )
    mailbox.read()
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(3)
    expect(rows(page).locator(".v-plus")).to_contain_text(["+2"])

    open_conversation(page, "Pedido de abril (2)")
    expect(page.locator("details.v-msg")).to_have_count(3)
    suggestion = page.locator("#mail-read").get_by_text("Puede ser parte de ella")
    expect(suggestion).to_be_visible()
    look_at(page, "mail-alike")
    suggestion.get_by_role("link", name="«RV: Pedido de abril»").click()
    expect(page.get_by_role("heading", name="RV: Pedido de abril")).to_be_visible()
    expect(page.locator("details.v-msg")).to_have_count(1)
    expect(suggestion.get_by_role("link")).to_have_count(1)
    open_conversation(page, "Otra")
    expect(page.locator("details.v-msg")).to_have_count(1)
    expect(suggestion).to_have_count(0)
