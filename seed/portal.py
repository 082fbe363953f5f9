"""The portal of the demo company: who may enter, what they see there, and what was written to and fro."""

from datetime import date, timedelta
from itertools import islice

from sqlalchemy import select

from models.base import db
from models.people.contact import Contact, CustomerContact
from models.people.customer import Address, AddressKind, Customer
from models.people.customer_group import CustomerGroup
from models.people.user import User
from models.portal.portal_event import EventActor, PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.portal.review import Review
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from seed.access_requests import make_access_requests
from seed.staff import DEMO_PASSWORD, SIGN_INS
from seed.work import make_work, moment, newest
from services.people.passwords import hasher

GROUPS_WITH_PORTAL = ("MAYOR", "MINOR")
CUSTOMERS = 4
LOGIN = "cliente"  # of the first one; the others sign in with their address
BANNER = {
    "es": "<p>Del 24 al 26 de diciembre no despachamos. Los pedidos que lleguen antes del día 20 salen a tiempo.</p>",
    "en": "<p>We do not ship from 24 to 26 December. Orders that arrive before the 20th leave in time.</p>",
}


def make_portal(today: date) -> None:
    """For the organization in scope; whoever is signed in there is found by what they owe and were offered."""
    _switch_on(today)
    customers = _customers(today)
    staff = db.session.scalars(select(User).where(User.email == SIGN_INS[0][0])).one()
    password = hasher.hash(DEMO_PASSWORD)
    users = [
        _member(customer, password, login=LOGIN if at == 0 else None, today=today)
        for at, customer in enumerate(customers)
    ]
    first, user = customers[0], users[0]
    for other in customers[1:2]:
        _also_at(other, user, today)
    make_work(first, customers[-1], user, staff, today)
    _visits(first, user, today)
    make_access_requests(customers[-1], customers[1], today)
    db.session.add(
        Review(
            customer_id=first.id,
            portal_user_id=user.id,
            rating=5,
            body="Llegan el día que dicen y el portal nos ahorra llamadas. La última factura vino con el flete bien.",
            created_at=moment(today, 6, 9),
            reply="Gracias por contarlo. Se lo pasamos a Diana y a los de bodega.",
            replied_at=moment(today, 4, 10),
        )
    )
    db.session.flush()


def _switch_on(today: date) -> None:
    for group in db.session.scalars(
        select(CustomerGroup).where(CustomerGroup.code.in_(GROUPS_WITH_PORTAL))
    ):
        group.uses_portal = True
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.show_projects = settings.allow_reviews = settings.allow_card_edit = True
    settings.banner, settings.banner_to = BANNER, today + timedelta(days=60)
    db.session.flush()


def _customers(today: date) -> list[Customer]:
    """Of these groups, those whose primary contact has an address; first whoever has a quote to answer."""
    waiting = (
        select(Document.customer_id)
        .where(
            Document.kind == DocumentKind.QUOTE,
            Document.state == DocumentState.POSTED,
            Document.due_date >= today,
        )
        .scalar_subquery()
    )
    query = (
        select(Customer)
        .join(CustomerGroup, CustomerGroup.id == Customer.customer_group_id)
        .where(CustomerGroup.uses_portal, Customer.lang == "es", ~Customer.on_hold)
        .order_by(Customer.id.not_in(waiting), Customer.id)
    )
    reached = (each for each in db.session.scalars(query).all() if _primary(each).emails)
    return list(islice(reached, CUSTOMERS))


def _primary(customer: Customer) -> Contact:
    link = db.session.scalars(CustomerContact.of_customer(customer).limit(1)).one()
    contact: Contact = link.contact
    return contact


def _member(customer: Customer, password: str, *, login: str | None, today: date) -> PortalUser:
    contact = _primary(customer)
    address = contact.emails[0].address
    user = PortalUser(
        email=address,
        login=login or address,
        name=contact.name,
        email_verified_at=moment(today, 40, 9),
        password_hash=password,
        last_signed_in_at=moment(today, 1, 9),
    )
    user.memberships.append(_membership(customer, contact, today))
    db.session.add(user)
    db.session.add(
        Address(
            customer_id=customer.id,
            kind=AddressKind.SHIPPING,
            street="Bodega Itagüí, Cra. 50 n.º 31-08",
            postcode="055412",
            city="Itagüí",
            region="Antioquia",
            country="CO",
        )
    )
    db.session.flush()
    return user


def _also_at(customer: Customer, user: PortalUser, today: date) -> None:
    """The same person looks after a second customer."""
    person = user.memberships[0].contact
    db.session.add(
        CustomerContact(
            customer_id=customer.id, contact_id=person.id, roles=["billing", "statements"]
        )
    )
    db.session.flush()
    user.memberships.append(_membership(customer, person, today))


def _membership(customer: Customer, contact: Contact, today: date) -> PortalMembership:
    return PortalMembership(
        customer_id=customer.id,
        contact_id=contact.id,
        state=MembershipState.VALIDATED,
        invited_at=moment(today, 41, 9),
        started_at=moment(today, 40, 9),
        validated_at=moment(today, 40, 11),
    )


def _visits(customer: Customer, user: PortalUser, today: date) -> None:
    """What they did there; nobody is told of it any more."""
    invoice = newest(customer, DocumentKind.INVOICE)
    done = (
        (PortalEventKind.SIGNED_IN, None, 5, 14),
        (PortalEventKind.VIEWED_FIRST, invoice, 5, 15),
        (PortalEventKind.DOWNLOADED, invoice, 5, 15),
        (PortalEventKind.SIGNED_IN, None, 1, 9),
    )
    db.session.add_all(
        PortalEvent(
            customer_id=customer.id,
            kind=kind,
            document_id=document.id if document else None,
            actor=EventActor.PORTAL_USER,
            portal_user_id=user.id,
            actor_name=user.name,
            at=moment(today, days, hour),
            told_at=moment(today, days, hour),
        )
        for kind, document, days, hour in done
    )
    db.session.flush()
