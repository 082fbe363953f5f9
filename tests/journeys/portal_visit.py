"""Somebody who stands at a customer of the portal, for journeys."""

from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select, update

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Customer
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalUser
from services.people.passwords import hasher
from services.portal.portal_sessions import open_session
from tests.factories.people import PASSWORD
from tests.factories.portal import make_portal_user

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@dataclass
class Visit:
    """Whose portal, at which customer, as whom."""

    root: str
    token: str
    customer: Customer
    user: PortalUser

    def stand_in(self, context: BrowserContext, running: str) -> None:
        """Signed in already."""
        context.add_cookies([{"name": "portal", "value": self.token, "url": running}])

    def sign_in(self, page: Page) -> None:
        """By the door, with the password."""
        page.goto(f"{self.root}/sign-in?way=password")
        page.locator("#login").fill(self.user.login)
        page.locator("#password").fill(PASSWORD)
        page.get_by_role("button", name="Iniciar sesión", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hola")


def make_visit(customer: Customer, **settings: object) -> Visit:
    """The primary contact of this customer, in a portal with these settings; commits."""
    if settings:
        db.session.execute(update(PortalSettings).values(**settings))
    contact = db.session.scalars(
        select(Contact)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(CustomerContact.customer_id == customer.id, CustomerContact.is_primary)
    ).one()
    user = make_portal_user(customer, contact, password_hash=hasher.hash(PASSWORD))
    token = open_session(user, user.memberships[0], hours=1, ip=None, user_agent=None)
    name = db.session.scalars(select(PortalSettings.name)).one()
    db.session.commit()
    return Visit(f"/portal/{name}", token, customer, user)


def switch(**settings: object) -> None:
    """Set the portal's preferences, as staff do on their page; commits."""
    db.session.rollback()
    db.session.execute(update(PortalSettings).values(**settings))
    db.session.commit()
