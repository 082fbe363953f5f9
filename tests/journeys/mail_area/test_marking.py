"""Read, unread, starred and not: one and many, here and on the server (S3-07, S3-11 to S3-14, S3-17)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import (
    SignIn,
    act,
    choose,
    choose_all,
    go_to,
    is_empty,
    open_area,
    open_conversation,
    rows,
    undo,
)
from tests.journeys.mail_area.mailbox import ABOUT, Mailbox
from tests.journeys.other_program import eventually

QUESTIONS = {f"Consulta {n}" for n in range(5)}
ANSWERS = {f"Re: {ABOUT} ({n})" for n in (1, 2, 3)}


def test_read_and_unread_for_several_with_a_way_back(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-07, S3-11, S3-12: nothing works without a choice; what is done is on the server, and undone by the notice."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    actions = page.get_by_role("button", name="Acciones")
    expect(actions).to_be_disabled()
    choose_all(page)
    expect(page.get_by_text("6 seleccionadas")).to_be_visible()
    actions.click()
    expect(page.locator("[data-mail-sum]")).to_have_text("6 conversaciones, 8 mensajes")
    expect(page.get_by_role("button", name="Responder", exact=True)).to_be_disabled()
    look_at(page, "mail-actions")
    actions.click()
    page.get_by_role("button", name="Marcar como leído").click()

    expect(page.get_by_role("status").filter(has_text="marcados como leídos")).to_be_visible()
    expect(page.locator("#mail-list li.un")).to_have_count(0)
    eventually(lambda: there.read_ones() == QUESTIONS | ANSWERS)
    undo(page)
    expect(page.locator("#mail-list li.un")).to_have_count(6)
    eventually(lambda: there.read_ones() == ANSWERS - {f"Re: {ABOUT} (3)"})

    choose(page, "Cliente 0", "Cliente 1")
    act(page, "Marcar como leído")
    expect(page.locator("#mail-list li.un")).to_have_count(4)
    page.get_by_label("Seleccionar la conversación con Cliente 1").uncheck()
    choose(page, "Sofía Ñáñez")
    act(page, "Marcar como no leído")
    expect(page.locator("#mail-list li.un")).to_have_count(5)
    eventually(lambda: there.read_ones() == {"Consulta 1"})


def test_unread_where_it_is_read(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-11, S3-12: opening marks as read, the button above the message takes it back; another program sees both."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    open_conversation(page, "Consulta 3")
    row = rows(page).filter(has_text="Consulta 3")
    expect(row).not_to_have_class(re.compile(r"\bun\b"))
    eventually(lambda: "Consulta 3" in there.read_ones())

    page.locator("#mail-read").get_by_role("button", name="Marcar como no leído").click()

    expect(row).to_have_class(re.compile(r"\bun\b"))
    eventually(lambda: "Consulta 3" not in there.read_ones())
    morning.read()
    page.reload()
    expect(page.locator("#mail-folders")).to_contain_text("Bandeja de entrada")


def test_the_star_both_ways(
    company: Company, morning: Mailbox, page: Page, sign_in: SignIn
) -> None:
    """S3-13, S3-14, S3-17: by its icon and by the action, one and several; taken away, it stays in its folder."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    folders = page.locator("#mail-folders")
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    expect(folders).to_contain_text("Destacados1")
    choose(page, "Cliente 1", "Cliente 2")
    act(page, "Destacar")
    expect(folders).to_contain_text("Destacados3")
    for n in range(3):
        expect(page.get_by_role("button", name=f"Destacar: Consulta {n}")).to_have_attribute(
            "aria-pressed", "true"
        )
    eventually(lambda: there.starred() == {"Consulta 0", "Consulta 1", "Consulta 2"})

    go_to(page, "Destacados")
    expect(rows(page)).to_have_count(3)
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    expect(rows(page)).to_have_count(2)
    choose_all(page)
    act(page, "Eliminar destacado")
    is_empty(page)
    eventually(lambda: there.starred() == set())
    go_to(page, "Bandeja de entrada")
    expect(rows(page)).to_have_count(6)
    assert set(there.subjects()) == QUESTIONS | ANSWERS
