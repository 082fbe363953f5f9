"""Who sends as whom, from the page of rights to the mailing that says so."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from models.base import db
from tests.factories.people import make_mail_account, make_user
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at

SignIn = Callable[..., None]
RIGHTS = "/admin/mail-rights/"


def test_one_person_is_named_and_the_others_do_not_send_as_it_any_more(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """X4-08, E-9, S4-01: named on the page of people and accounts, on a telephone too; then the other's form lacks it."""
    admin = make_user(company.organization, role="administrator", name="Ana Peña")
    other = make_user(company.organization, name="Omar Ñáñez")
    make_mail_account(address="cobros@penalba.test")
    db.session.commit()

    sign_in(page, admin.email)
    page.goto(RIGHTS)
    expect(page.get_by_role("heading", level=1)).to_have_text("Quién usa qué cuenta de correo")
    look_at(page, "account-rights")
    page.get_by_label(f"{company.clerk.name} con {company.account.address}").select_option("send")
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(page.get_by_text("Se cambió 1 permiso.")).to_be_visible()
    expect(page.get_by_text("Solo las personas nombradas").first).to_be_visible()

    page.get_by_label("Facturas").select_option(label="cobros@penalba.test")
    page.get_by_role("button", name="Guardar estas cuentas").click()
    expect(page.get_by_text("Se guardaron las cuentas de la empresa.")).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    look_at(page, "account-rights-phone")
    expect(page.get_by_label(f"{company.clerk.name} con {company.account.address}")).to_have_value(
        "send"
    )
    page.set_viewport_size({"width": 1280, "height": 900})

    page.context.clear_cookies()
    sign_in(page, other.email)
    page.goto("/mailings/new")
    senders = page.locator("#account option")
    expect(senders.filter(has_text="cobros@penalba.test")).to_have_count(1)
    expect(senders.filter(has_text=company.account.address)).to_have_count(0)

    page.context.clear_cookies()
    sign_in(page, company.clerk.email)
    page.goto("/account")
    expect(page.get_by_role("heading", name="Mis cuentas de correo")).to_be_visible()
    page.get_by_label("Facturas").select_option(label=company.account.address)
    page.get_by_role("button", name="Guardar estas cuentas").click()
    look_at(page, "my-accounts")
    page.goto("/mailings/new")
    expect(page.locator("#account option:checked")).to_have_text(company.account.address)


def test_people_are_named_in_the_form_of_the_account(
    company: Company, page: Page, sign_in: SignIn
) -> None:
    """X4-08: found by typing, added as a line, and shown on the account's page."""
    admin = make_user(company.organization, role="administrator", name="Ana Peña")
    db.session.commit()
    sign_in(page, admin.email)
    page.goto(f"/admin/mail_account/edit/?id={company.account.id}")
    lines = page.locator("[data-lines=people]")
    expect(lines.get_by_role("heading", name="Quién más la usa")).to_be_visible()
    lines.scroll_into_view_if_needed()
    look_at(page, "account-people")

    first = lines.locator("tbody tr").first
    first.locator("input[role=combobox]").click()
    page.keyboard.type("Lucía")
    page.locator(".ts-dropdown .option").filter(has_text=company.clerk.name).click()
    first.locator("select[name='people-0-use']").select_option("both")
    page.keyboard.press("Control+s")

    expect(page.get_by_role("heading", level=1)).to_contain_text(company.account.address)
    named = page.locator("tr").filter(has_text=company.clerk.name)
    expect(named).to_contain_text("Nombrada para ella")
