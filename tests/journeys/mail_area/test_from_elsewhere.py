"""What another program does comes onto the open page, and what is moved here is moved there (S3-02, X3-09)."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import PULSE_MS, SignIn, act, choose, open_area, rows
from tests.journeys.mail_area.mailbox import ABOUT, OWN, Mailbox, answer
from tests.journeys.other_program import eventually


def test_both_ways(company: Company, morning: Mailbox, page: Page, sign_in: SignIn) -> None:
    """S3-02, S3-05, S3-06, S3-24, S3-26, X3-09: moved here into a folder of one's own; read, starred, deleted and answered there; the page follows without being loaded again."""
    there = morning.elsewhere
    open_area(page, company, sign_in)
    page.get_by_label("Cuenta", exact=True).select_option(label=OWN)
    page.get_by_role("button", name="Destacar: Consulta 0").click()
    choose(page, "Cliente 3")
    act(page, "Marcar como leído")
    expect(page.get_by_role("status").filter(has_text="1 mensaje marcado")).to_be_visible()
    page.get_by_label("Seleccionar la conversación con Cliente 3").uncheck()
    choose(page, "Cliente 4")
    page.get_by_role("button", name="Acciones").click()
    page.locator("#mail-acts [name=target]").select_option(label="Reclamos")
    page.get_by_role("button", name="Mover", exact=True).click()
    expect(rows(page)).to_have_count(5)
    eventually(lambda: set(there.subjects("Reclamos")) == {"Consulta 4"})
    assert there.subjects() == {
        f"Re: {ABOUT} (1)": {"\\Seen"},
        f"Re: {ABOUT} (2)": {"\\Seen"},
        f"Re: {ABOUT} (3)": set(),
        "Consulta 0": {"\\Flagged"},
        "Consulta 1": set(),
        "Consulta 2": set(),
        "Consulta 3": {"\\Seen"},
    }

    there.put("INBOX", answer(4, text="El servidor trajo esto."))
    there.mark("INBOX", "Consulta 0", "-\\Flagged")
    there.mark("INBOX", "Consulta 1", "+\\Seen")
    there.mark("INBOX", "Consulta 3", "-\\Seen")
    there.delete("INBOX", "Consulta 2")
    morning.read()

    expect(rows(page).first.locator(".v-plus")).to_contain_text("+4", timeout=PULSE_MS)
    expect(rows(page)).to_have_count(4)
    expect(rows(page).filter(has_text="Consulta 3")).to_have_class(re.compile(r"\bun\b"))
    expect(rows(page).filter(has_text="Consulta 1")).not_to_have_class(re.compile(r"\bun\b"))
    expect(page.get_by_role("button", name="Destacar: Consulta 0")).to_have_attribute(
        "aria-pressed", "false"
    )
