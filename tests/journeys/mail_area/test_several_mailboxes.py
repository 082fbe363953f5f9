"""One mailbox, or all of them (S3-23, S3-24, X3-08)."""

from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import (
    SignIn,
    choose,
    go_to,
    is_empty,
    open_area,
    open_conversation,
    rows,
    trash,
    undo,
)
from tests.journeys.mail_area.mailbox import OWN, Mailbox, letter
from tests.journeys.mail_area.store import MailStore
from tests.journeys.other_program import eventually
from tests.journeys.product import Product

TEAM = "cartera@penalba.test"


def team_of(company: Company, product: Product, store: MailStore) -> Mailbox:
    return Mailbox(company, product, store, address=TEAM, owner_id=None)


def test_one_mailbox_or_all(
    company: Company,
    product: Product,
    store: MailStore,
    morning: Mailbox,
    page: Page,
    sign_in: SignIn,
) -> None:
    """S3-23, S3-24: the box at the top right, by the keyboard; a colour for each; the choice is still there tomorrow."""
    team = team_of(company, product, store)
    team.elsewhere.put("INBOX", letter(0, to=TEAM, subject="Para el equipo"))
    team.read()
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(7)
    dots = {rows(page).nth(n).locator(".v-acc-dot").get_attribute("class") for n in (0, 1)}
    assert len(dots) == 2

    account = page.get_by_label("Cuenta", exact=True)
    account.focus()
    page.keyboard.type("cartera")
    expect(rows(page)).to_have_count(1)
    page.goto("/mail/")
    expect(rows(page)).to_have_count(1)
    account.select_option(label=OWN)
    expect(rows(page)).to_have_count(6)
    account.select_option(label="Todas las cuentas")

    expect(rows(page)).to_have_count(7)
    look_at(page, "mail-all-accounts")


def test_one_message_in_two_mailboxes(
    company: Company,
    product: Product,
    store: MailStore,
    mailbox: Mailbox,
    page: Page,
    sign_in: SignIn,
) -> None:
    """X3-08: kept once, in its place in each; one row among all of them; what is done there is done in both."""
    team = team_of(company, product, store)
    both = letter(5, to=f"{OWN}, {TEAM}", sender="Ana <ana@x.test>", subject="Para los dos")
    for each in (mailbox, team):
        each.elsewhere.put("INBOX", both)
        each.read()
    assert db.session.scalar(select(func.count(Message.id))) == 1
    assert db.session.scalar(select(func.count(MessagePlacement.id))) == 2
    open_area(page, company, sign_in)
    expect(rows(page)).to_have_count(1)
    for address in (OWN, TEAM):
        page.get_by_label("Cuenta", exact=True).select_option(label=address)
        expect(rows(page)).to_have_count(1)
        expect(rows(page)).to_contain_text("Para los dos")
    page.get_by_label("Cuenta", exact=True).select_option(label="Todas las cuentas")

    open_conversation(page, "Para los dos")
    expect(page.locator("details.v-msg")).to_have_count(1)
    for each in (mailbox, team):
        eventually(lambda each=each: each.elsewhere.read_ones() == {"Para los dos"})
    page.get_by_role("button", name="Destacar: Para los dos").click()
    for each in (mailbox, team):
        eventually(lambda each=each: each.elsewhere.starred() == {"Para los dos"})
    choose(page, "Ana")
    trash(page)
    is_empty(page)
    for each in (mailbox, team):
        eventually(lambda each=each: set(each.elsewhere.subjects("Trash")) == {"Para los dos"})
    undo(page)
    expect(rows(page)).to_have_count(1)
    for each in (mailbox, team):
        eventually(lambda each=each: set(each.elsewhere.subjects()) == {"Para los dos"})

    page.get_by_label("Cuenta", exact=True).select_option(label=TEAM)
    choose(page, "Ana")
    trash(page)
    is_empty(page)
    eventually(lambda: set(team.elsewhere.subjects("Trash")) == {"Para los dos"})
    assert set(mailbox.elsewhere.subjects()) == {"Para los dos"}
    go_to(page, "Eliminado")
    expect(rows(page)).to_have_count(1)
