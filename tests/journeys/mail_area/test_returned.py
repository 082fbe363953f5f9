"""What comes back of what we have sent (X1-08)."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery
from models.people.contact import AddressState, ContactEmail
from settings import Settings
from tests.factories.bounces import make_report
from tests.factories.mailings import make_registered
from tests.journeys.conftest import Company
from tests.journeys.inspection import look_at
from tests.journeys.mail_area.area import SignIn
from tests.journeys.mail_area.mailbox import Mailbox
from tests.journeys.mail_area.store import MailStore
from tests.journeys.other_program import eventually
from tests.journeys.product import Product

LONG_MS = 60_000  # until workers have sent


def test_a_message_that_comes_back_marks_the_address(
    company: Company,
    product: Product,
    store: MailStore,
    settings: Settings,
    page: Page,
    sign_in: SignIn,
) -> None:
    """X1-08: sent, returned into the mailbox by another server; mailing, customer and contact say so."""
    mailbox = Mailbox(company, product, store, address="ventas@penalba.test", owner_id=None)
    account = db.session.get_one(MailAccount, mailbox.account_id)
    mailing = make_registered(settings, customers=2, account=account, title="Facturas de julio")
    sign_in(page, company.clerk.email)
    page.goto(f"/mailings/?mailing={mailing.public_id}")
    page.get_by_role("link", name="Iniciar el envío").click()
    page.get_by_role("button", name="Aceptar e iniciar").click()
    expect(page.locator("#chosen-state")).to_contain_text("Finalizado", timeout=LONG_MS)

    returned, _other = product.mail.accepted
    [address] = returned.recipients
    head = returned.raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n")
    mailbox.elsewhere.put("INBOX", make_report(address, returned=head))
    mailbox.read()
    eventually(lambda: _state_of(address) is AddressState.BOUNCED)

    page.goto(f"/mailings/?mailing={mailing.public_id}")
    expect(page.locator("#chosen")).to_contain_text("1 rebotó después")
    page.goto(f"/mailings/{mailing.public_id}/recipients?show=came_back")
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(address)
    expect(rows).to_contain_text("Rebotado")
    [contact_email] = db.session.scalars(
        select(ContactEmail).where(ContactEmail.address == address)
    )
    [customer_id] = db.session.scalars(
        select(Delivery.customer_id).where(Delivery.recipient == address)
    )
    page.goto(f"/admin/customer/details/?id={customer_id}")
    page.get_by_role("link", name="Línea de tiempo").click()
    contact = contact_email.contact
    broken = f"Una dirección de {contact.name} no funciona"
    expect(page.get_by_text(broken, exact=True)).to_be_visible()
    page.goto(f"/admin/contact/details/?id={contact.id}")
    expect(page.locator("main")).to_contain_text("Rebotado")
    look_at(page, "contact-bounced")


def _state_of(address: str) -> AddressState:
    db.session.rollback()
    return db.session.scalars(
        select(ContactEmail.state).where(ContactEmail.address == address)
    ).one()
