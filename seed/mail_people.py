"""Who writes in the demo's mail: people at customers with a new invoice, and our own mailboxes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from models.base import db
from models.people.contact import AddressState, Contact, ContactEmail, CustomerContact
from models.people.customer import Customer
from models.sales.document import Invoice
from models.sales.document_state import OWED_STATES
from seed.companies import Company
from seed.mail_billing import US as BILLING
from seed.words import plain
from services.sales.formats import shown_date, shown_money

ENGLISH, BOUNCING, LATE = 3, 8, range(13, 18)  # the numbers of those who are chosen for something
NEWEST = 600  # invoices


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a customer, with the invoice that is written about."""

    name: str
    address: str
    job_title: str
    customer: str
    invoice: Invoice

    @property
    def said(self) -> Mapping[str, str]:
        """What the texts call it."""
        invoice = self.invoice
        return {
            "name": self.name.partition(" ")[0],
            "full": self.name,
            "customer": self.customer,
            "invoice": invoice.label,
            "total": shown_money(invoice.total, invoice.currency, invoice.lang),
            "due": shown_date(invoice.due_date, invoice.lang),
            "alike": f"{self.address.removesuffix('.example')[:-1]}.example",
        }


@dataclass(frozen=True, slots=True)
class OwnMailbox:
    """A mailbox of ours, and what stands below what is written in it."""

    address: str
    name: str
    signature: str


def own_mailboxes(company: Company) -> Mapping[str, OwnMailbox]:
    """By the word that the conversations use."""
    team = f"{company.name}\n{company.phone}"
    lucia, andres = "Lucía Ordóñez", "Andrés Peñalba"
    return {
        BILLING: OwnMailbox(
            f"facturacion@{company.domain}",
            f"Facturación {company.name}",
            f"{lucia}\nFacturación · {team}",
        ),
        "cobros": OwnMailbox(
            f"cobros@{company.domain}", f"Cobros {company.name}", f"Cobros · {team}"
        ),
        "lucia": OwnMailbox(f"{plain(lucia)}@{company.domain}", lucia, lucia),
        "andres": OwnMailbox(f"{plain(andres)}@{company.domain}", andres, andres),
    }


def people_to_write(count: int, today: date) -> Mapping[int, Person]:
    """So many, by their number in the conversations; each of another customer."""
    found = list(_people())
    chosen = {
        ENGLISH: next(each for each in found if each.invoice.lang == "en"),
        BOUNCING: next(each for each in found if each.address.startswith("rebota.")),
    }
    left = [
        each
        for each in found
        if each.invoice.lang == "es" and not each.address.startswith(("rebota.", "llena."))
    ]
    late = iter([each for each in left if each.invoice.due_date < today])
    fresh = iter([each for each in left if each.invoice.due_date >= today])
    for number in range(count):
        if number not in chosen:
            chosen[number] = next(late if number in LATE else fresh)
    return chosen


def _people() -> Iterator[Person]:
    """From the newest invoice that is still to be paid."""
    rows = db.session.execute(
        select(Invoice, Contact, ContactEmail.address, Customer.name)
        .join(Customer, Customer.id == Invoice.customer_id)
        .join(CustomerContact, CustomerContact.customer_id == Customer.id)
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .join(ContactEmail, ContactEmail.contact_id == Contact.id)
        .where(
            Invoice.state.in_(OWED_STATES),
            CustomerContact.is_primary,
            Contact.is_active,
            ContactEmail.is_default,
            ContactEmail.state == AddressState.OK,
        )
        .order_by(Invoice.number_int.desc())
        .limit(NEWEST)
    )
    seen = set()
    for invoice, contact, address, customer in rows:
        if invoice.customer_id not in seen:
            seen.add(invoice.customer_id)
            yield Person(contact.name, address, contact.job_title or "", customer, invoice)
