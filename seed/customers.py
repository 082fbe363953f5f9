"""The customers of the demo company and the people there."""

import random
from decimal import Decimal
from typing import Any

from models.base import db, utc_now
from models.people.contact import (
    AddressState,
    Contact,
    ContactEmail,
    ContactSource,
    CustomerContact,
)
from models.people.customer import Address, AddressKind, Customer
from models.people.customer_group import CustomerGroup
from models.public_id import uuid7
from models.sales.document_state import DocumentKind
from models.sales.number_series import NumberSeries
from seed.bulk import insert_rows
from seed.companies import Company
from seed.words import (
    BUSINESSES,
    CITIES,
    FIRST_NAMES,
    GROUPS,
    JOBS,
    LAST_NAMES,
    QUALITIES,
    STREETS,
    plain,
)

SERIES = {
    DocumentKind.INVOICE: "FV",
    DocumentKind.QUOTE: "COT",
    DocumentKind.SALES_ORDER: "OV",
    DocumentKind.CREDIT_NOTE: "NC",
    DocumentKind.STATEMENT: "EC",
}

CREDIT_LIMITS = {"COP": Decimal(25_000_000), "EUR": Decimal(6_000), "MXN": Decimal(120_000)}


def stamped(organization_id: int, *, editable: bool = True, **fields: Any) -> dict[str, Any]:
    """A row for a bulk insert, with what every row of its kind has."""
    now = utc_now()
    row = {"organization_id": organization_id, "created_at": now, "updated_at": now, **fields}
    return row | {"public_id": uuid7(), "version": 1} if editable else row


def make_groups(first_number: int) -> list[CustomerGroup]:
    """Five groups, and the series that documents are numbered in."""
    groups = [CustomerGroup(code=code, name=name) for code, name in GROUPS]
    db.session.add_all(groups)
    db.session.add_all(
        NumberSeries(kind=kind, series=series, next_number=first_number, padding=0)
        for kind, series in SERIES.items()
    )
    db.session.flush()
    return groups


def make_customers(
    chance: random.Random, company: Company, organization_id: int, groups: list[CustomerGroup]
) -> list[dict[str, Any]]:
    """Customers with addresses and contacts; returns what documents need to know of each."""
    rows = [
        _customer(chance, company, organization_id, number, groups)
        for number in range(company.customers)
    ]
    keys = insert_rows(Customer, rows)
    customers = [{**row, "id": key} for row, key in zip(rows, keys, strict=True)]
    addresses = [
        stamped(
            organization_id,
            editable=False,
            customer_id=customer["id"],
            kind=AddressKind.BILLING,
            street=chance.choice(STREETS),
            postcode=f"{chance.randint(10, 99)}{chance.randint(0, 999):03}",
            city=chance.choice(CITIES[company.country]),
            region=None,
            country=company.country,
        )
        for customer in customers
    ]
    insert_rows(Address, addresses)
    for customer, address in zip(customers, addresses, strict=True):
        customer["address"] = address
    _make_contacts(chance, company, organization_id, customers)
    return customers


def _customer(
    chance: random.Random,
    company: Company,
    organization_id: int,
    number: int,
    groups: list[CustomerGroup],
) -> dict[str, Any]:
    business = BUSINESSES[number % len(BUSINESSES)]
    quality = QUALITIES[(number * 7 + number // len(BUSINESSES)) % len(QUALITIES)]
    name = f"{business} {quality}, {company.legal_form}"
    return stamped(
        organization_id,
        number=f"C{10_001 + number}",
        name=name,
        legal_name=name,
        tax_id_type=company.tax_id_type,
        tax_id=company.make_tax_id(chance),
        customer_group_id=groups[number % len(groups)].id,
        lang="en" if number % 23 == 7 else "es",
        currency=company.currency,
        payment_terms_days=chance.choice((8, 15, 30, 30, 30, 45, 60)),
        credit_limit=CREDIT_LIMITS[company.currency] if number % 4 else None,
        phone=None,
        website=None,
        on_hold=number % 61 == 60,
        notes=None,
    )


def _trouble(number: int) -> str:
    """How an address begins that the demo's mail server refuses: for good, or the first time only."""
    if number % 89 == 88:
        return "rebota."
    return "llena." if number % 53 == 20 else ""


def _make_contacts(
    chance: random.Random, company: Company, organization_id: int, customers: list[dict[str, Any]]
) -> None:
    """More than two contacts a customer on average; some have no address, one address has bounced."""
    wanted = company.contacts
    owners = [customers[number % len(customers)] for number in range(wanted)]
    names = [f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}" for _ in owners]
    contacts = [
        stamped(
            organization_id,
            name=name,
            job_title=chance.choice(JOBS),
            phone=f"{company.phone[:6]} {chance.randint(100, 999)} {chance.randint(1000, 9999)}",
            lang=None,
            is_active=number % 97 != 96,
            source=ContactSource.MANUAL,
        )
        for number, name in enumerate(names)
    ]
    keys = insert_rows(Contact, contacts)
    emails, links = [], []
    for number, (key, name, owner) in enumerate(zip(keys, names, owners, strict=True)):
        first = number < len(customers)
        if number % 71 != 70:
            domain = "-".join(plain(owner["name"].partition(",")[0]).split("."))[:40].strip("-")
            address = f"{_trouble(number)}{plain(name)}@{domain}.example"
            state = AddressState.BOUNCED if number % 83 == 82 else AddressState.OK
            emails.append(
                stamped(
                    organization_id,
                    editable=False,
                    contact_id=key,
                    address=address,
                    address_norm=address,
                    is_default=True,
                    state=state,
                )
            )
        roles = (
            ["billing"]
            if first
            else chance.choice((["billing"], ["statements"], ["technical"], ["approver"]))
        )
        links.append(
            stamped(
                organization_id,
                editable=False,
                customer_id=owner["id"],
                contact_id=key,
                is_primary=first,
                roles=[*roles, "statements"] if first else roles,
            )
        )
    insert_rows(ContactEmail, emails)
    insert_rows(CustomerContact, links)
