"""A new message from the first letter to the server's folder of sent messages (S3-27, S3-30 to S3-35, S3-39)."""

import re

from playwright.sync_api import APIResponse, Page, Route, expect

from models.mailbox.mail_draft import DraftState
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn, is_empty, rows
from tests.journeys.mail_area.composer import (
    address,
    begin,
    drafts,
    drafts_there,
    is_filed,
    is_kept,
    leave_now,
    name,
    send,
    text,
    write,
)
from tests.journeys.mail_area.mailbox import OWN, Mailbox
from tests.journeys.other_program import eventually
from tests.journeys.product import Product


def test_whom_it_goes_to(company: Company, desk: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-27, S3-30, S3-31, S3-32, S3-33: the sender's signature; names with addresses, a wrong one in red and said; Cc, and Cco by its button."""
    begin(page, company, sign_in)
    expect(page.locator("#compose-account")).to_contain_text(f"Lucía Ordóñez <{OWN}>")
    expect(page.locator("#compose-signature")).to_contain_text("Cartera")
    name(page, "to", "Sofía Ñáñez <sofia@lanapa.test>, oscar.lanapa.test")
    expect(page.locator(".v-chip.bad")).to_contain_text("oscar.lanapa.test")
    expect(page.get_by_text("«oscar.lanapa.test» no tiene «@».")).to_be_visible()
    expect(page.locator("#notes-to li.bad")).to_have_count(1)
    expect(page.locator("#row-to .v-chip").first).to_contain_text("no es contacto")
    page.get_by_role("button", name="Quitar oscar.lanapa.test").click()
    expect(page.locator("#notes-to")).to_be_hidden()
    expect(page.locator(".v-chip.bad")).to_have_count(0)
    expect(page.locator("#row-bcc")).to_be_hidden()
    page.get_by_role("button", name="Cco").click()
    page.get_by_role("button", name="Cc", exact=True).click()
    name(page, "cc", '"Ñáñez, Óscar" <oscar@lanapa.test>, begona')
    expect(page.locator("#notes-cc li.bad")).to_have_text("«begona» no tiene «@».")
    page.get_by_role("button", name="Quitar begona").click()
    expect(page.locator("#row-cc .v-chip")).to_have_count(1)
    expect(address(page, "bcc")).to_be_visible()


def test_writing_and_sending(
    company: Company, desk: Mailbox, product: Product, page: Page, sign_in: SignIn
) -> None:
    """S3-02, S3-18, S3-19, S3-33, S3-34, S3-35, S3-39, pains D-5: typed, kept here and on the server, reloaded, sent, taken back, sent; the draft gone, the copy there once, nobody sees who got it blind."""
    there = desk.elsewhere
    begin(page, company, sign_in)
    name(page, "to", "Sofía Ñáñez <sofia@lanapa.test>")
    page.get_by_role("button", name="Cco").click()
    name(page, "bcc", "jefa@penalba.test")
    expect(page.locator("#row-bcc .v-chip")).to_contain_text("jefa@penalba.test")
    write(page, "El saldo queda en 4.775.470 COP.")
    is_kept(page)
    expect(page).to_have_url(re.compile("draft="))
    eventually(lambda: any("4.775.470" in str(each.fields) for each in drafts()))
    page.reload()
    expect(text(page)).to_contain_text("4.775.470")
    expect(page.locator("#row-to .v-chip")).to_contain_text("Sofía Ñáñez")
    look_at(page, "mail-compose")

    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.get_by_text("El mensaje no tiene asunto. ¿Enviarlo así?")).to_be_visible()
    page.get_by_label("Asunto").fill("Nota de crédito")
    eventually(lambda: [each.fields.get("subject") for each in drafts()] == ["Nota de crédito"])
    drafts_there(there, {"Nota de crédito"})
    send(page)
    assert [each.state for each in drafts()] == [DraftState.LEAVING]
    page.locator(".v-toast").get_by_role("button", name="Deshacer").click()
    expect(page.get_by_label("Asunto")).to_have_value("Nota de crédito")
    expect(text(page)).to_contain_text("4.775.470")
    assert product.mail.accepted == []
    send(page)
    leave_now()

    eventually(lambda: bool(product.mail.accepted))
    [accepted] = product.mail.accepted
    assert accepted.recipients == ["sofia@lanapa.test", "jefa@penalba.test"]
    assert b"jefa@penalba.test" not in accepted.raw
    is_filed(there, "Nota de crédito")
    drafts_there(there, set())
    desk.read("Sent", "Drafts")
    assert there.subjects("Sent") == {"Nota de crédito": {"\\Seen"}}
    page.goto("/mail/?folder=sent")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Nota de crédito")
    expect(rows(page)).to_contain_text("Enviado")
    page.goto("/mail/?folder=drafts")
    is_empty(page)


def test_sending_while_it_is_still_being_kept(
    company: Company, desk: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-18, S3-39: *Enviar* waits for the keeping that is on its way, and is not taken for another tab."""
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/keep", lambda route: held.append((route, route.fetch())))
    begin(page, company, sign_in)
    name(page, "to", "ana@lanapa.test")
    page.get_by_label("Asunto").fill("Aprisa")
    write(page, "Sale enseguida.")
    eventually(lambda: bool(page.wait_for_timeout(100) or held))
    page.get_by_role("button", name="Enviar", exact=True).click()
    for route, answer in held:
        route.fulfill(response=answer)
    page.unroute("**/keep")

    expect(page.get_by_text("El mensaje sale en 10 segundos.")).to_be_visible()
