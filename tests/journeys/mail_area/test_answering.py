"""Answering and forwarding what lies on the server (S3-01, S3-08 to S3-10)."""

from base64 import b64encode
from email import message_from_bytes
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import SignIn, go_to, open_area, open_conversation, rows
from tests.journeys.mail_area.composer import (
    drafts_there,
    is_filed,
    is_kept,
    leave_now,
    name,
    send,
    text,
    write,
)
from tests.journeys.mail_area.mailbox import OWN, SOFIA, Mailbox, letter
from tests.journeys.other_program import eventually
from tests.journeys.product import Product
from tests.mail.test_pictures import DOT

PASTE = """(text, picture) => {
  const pasted = new DataTransfer();
  const bytes = Uint8Array.from(atob(picture), (each) => each.charCodeAt(0));
  pasted.items.add(new File([bytes], "captura.png", {type: "image/png"}));
  text.dispatchEvent(new ClipboardEvent("paste", {clipboardData: pasted, bubbles: true, cancelable: true}));
}"""


def test_to_all_and_to_somebody_else(
    company: Company, desk: Mailbox, product: Product, page: Page, sign_in: SignIn
) -> None:
    """S3-09, S3-10: everybody but ourselves; forwarded with its file, one `Fwd:`, and the conversation goes on."""
    there = desk.elsewhere
    there.put(
        "INBOX",
        letter(
            5,
            sender=SOFIA,
            to=f"{OWN}, Óscar <oscar@lanapa.test>",
            subject="RE: Flete",
            text="El flete no coincide.",
            message_id="<flete@x.test>",
            files=(("nota.pdf", b"%PDF-1.7 nota"),),
        ),
    )
    desk.read()
    open_area(page, company, sign_in)
    open_conversation(page, "RE: Flete")
    page.locator("#mail-read").get_by_role("link", name="Responder a todos").click()
    expect(page.locator("#row-to .v-chip")).to_contain_text("Sofía Ñáñez")
    expect(page.locator("#row-cc .v-chip")).to_have_count(1)
    expect(page.locator("#row-cc .v-chip")).to_contain_text("Óscar")
    expect(page.get_by_label("Asunto")).to_have_value("Re: Flete")
    expect(page.locator(".v-comp-q")).to_contain_text("Incluir el mensaje")
    page.go_back()
    page.locator("#mail-read").get_by_role("link", name="Reenviar").first.click()
    expect(page.get_by_label("Asunto")).to_have_value("Fwd: Flete")
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")
    name(page, "to", "bodega@lanapa.test")
    write(page, "Para que lo revisen.")
    is_kept(page)
    send(page)
    leave_now()

    is_filed(there, "Fwd: Flete")
    filed = there.message("Sent", "Fwd: Flete")
    assert [part.get_filename() for part in filed.iter_attachments()] == ["nota.pdf"]
    assert "<flete@x.test>" in filed["References"]
    assert "El flete no coincide." in str(filed.get_body(("plain",)))
    desk.read("Sent")
    go_to(page, "Bandeja de entrada")
    expect(rows(page).locator(".v-plus")).to_contain_text("+1")


def test_an_answer_is_sent_and_filed_once(
    company: Company, desk: Mailbox, product: Product, page: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    """S3-01, S3-08, S3-18, S3-19, S3-35, S3-36, S3-39: read, answered and sent without leaving the area; with a pasted picture and a file; its draft there meanwhile; answered, and in Sent exactly once."""
    there = desk.elsewhere
    there.put("INBOX", letter(5, sender=SOFIA, subject="RE: Flete", message_id="<flete@x.test>"))
    desk.read()
    (tmp_path / "nota.pdf").write_bytes(b"%PDF-1.7 nota")
    open_area(page, company, sign_in)
    open_conversation(page, "RE: Flete")
    page.locator("#mail-read").get_by_role("link", name="Responder", exact=True).first.click()
    expect(text(page)).to_be_visible()
    for part in ("#mail-folders", "#mail-list", "#mail-read"):
        expect(page.locator(part)).to_be_visible()
    write(page, "Tiene razón.")
    text(page).evaluate(PASTE, b64encode(DOT).decode())
    expect(text(page).locator("img").first).to_have_js_property("naturalHeight", 1)
    page.locator("[data-compose-files]").set_input_files([tmp_path / "nota.pdf"])
    expect(page.locator("#compose-files")).to_contain_text("nota.pdf")
    is_kept(page)
    drafts_there(there, {"Re: Flete"})
    send(page)

    eventually(lambda: bool(product.mail.accepted))
    is_filed(there, "Re: Flete")
    drafts_there(there, set())
    desk.read("Sent", "INBOX")
    assert there.subjects("Sent") == {"Re: Flete": {"\\Seen"}}
    assert there.subjects() == {"RE: Flete": {"\\Seen", "\\Answered"}}
    filed = there.message("Sent", "Re: Flete")
    [accepted] = product.mail.accepted
    assert filed["Message-ID"] == message_from_bytes(accepted.raw)["Message-ID"]
    assert filed["In-Reply-To"] == "<flete@x.test>"
    parts = {part.get_content_type(): part for part in filed.walk()}
    assert parts["image/png"]["Content-ID"].strip("<>") in parts["text/html"].get_content()
    assert [part.get_filename() for part in filed.iter_attachments()] == ["nota.pdf"]
    page.goto("/mail/?folder=sent")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Enviado")
