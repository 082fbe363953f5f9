"""The main rows over the demo's own mail server, which `script/server` starts: what the demo shows is what there is."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Company
from tests.journeys.mail_area.area import (
    SignIn,
    act,
    choose,
    go_to,
    open_area,
    open_conversation,
    rows,
    trash,
)
from tests.journeys.mail_area.composer import (
    drafts_there,
    is_filed,
    is_kept,
    leave_now,
    send,
    write,
)
from tests.journeys.mail_area.mailbox import ABOUT, Mailbox, fill_with_a_morning
from tests.journeys.other_program import OtherProgram, eventually
from tests.journeys.product import Product
from tests.servers.demo_mail_server import DemoMailServer

SOFIAS = "pagos@cliente1.test"


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoMailServer]:
    with DemoMailServer(tmp_path_factory.mktemp("demo")) as server:
        yield server


def test_a_morning_at_the_demo(
    company: Company, product: Product, demo: DemoMailServer, page: Page, sign_in: SignIn
) -> None:
    """S3-02, S3-05, S3-08, S3-11, S3-13, S3-15, S3-18, S3-20, S3-21, S3-26, S3-39: read, starred, thrown away, brought back, deleted, answered through its SMTP; another program sees each, and the customer gets the answer."""
    customer = OtherProgram(demo.port, SOFIAS)
    assert customer.subjects() == {}  # whoever has signed in has a mailbox there
    desk = Mailbox(company, product, demo, smtp_port=demo.smtp_port)
    there = desk.elsewhere
    fill_with_a_morning(there)
    desk.read("INBOX", "Sent", "Reclamos")
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(6)
    expect(rows(page).filter(has_text=ABOUT).locator(".v-plus")).to_contain_text("+3")
    choose(page, "Cliente 0", "Cliente 1")
    act(page, "Marcar como leído")
    page.get_by_role("button", name="Destacar: Consulta 2").click()
    eventually(lambda: {"Consulta 0", "Consulta 1"} <= there.read_ones())
    eventually(lambda: there.starred() == {"Consulta 2"})
    trash(page)
    expect(rows(page)).to_have_count(4)
    eventually(lambda: set(there.subjects("Trash")) == {"Consulta 0", "Consulta 1"})
    go_to(page, "Eliminado")
    choose(page, "Cliente 0")
    page.get_by_role("button", name="Recuperar de la papelera").first.click()
    expect(rows(page)).to_have_count(1)
    choose(page, "Cliente 1")
    act(page, "Eliminar mensaje")
    page.get_by_role("dialog").get_by_role("button", name="Eliminar mensaje").click()
    eventually(lambda: there.subjects("Trash") == {})
    eventually(lambda: "Consulta 0" in there.subjects())

    go_to(page, "Bandeja de entrada")
    open_conversation(page, ABOUT)
    page.locator("#mail-read").get_by_role("link", name="Responder", exact=True).first.click()
    write(page, "Tiene razón: va la nota de crédito.")
    is_kept(page)
    answer = f"Re: {ABOUT} (3)"
    drafts_there(there, {answer})
    send(page)
    leave_now()
    is_filed(there, answer)
    drafts_there(there, set())
    eventually(lambda: set(customer.subjects()) == {answer})
    eventually(lambda: "\\Answered" in there.subjects()[answer])
