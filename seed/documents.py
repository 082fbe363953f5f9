"""Three years of quotes, orders, invoices and credit notes, and what was paid."""

import random
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models.base import db
from models.sales.document import Document, DocumentLine
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.money import rounded
from models.sales.number_series import NumberSeries
from models.sales.payment import Payment, PaymentAllocation, PaymentMethod
from seed.bulk import insert_rows
from seed.companies import Company
from seed.customers import SERIES, stamped
from seed.words import PRODUCTS

FIRST_NUMBER = 10_001
SHARES = {
    DocumentKind.QUOTE: Decimal("0.12"),
    DocumentKind.SALES_ORDER: Decimal("0.08"),
    DocumentKind.CREDIT_NOTE: Decimal("0.04"),
}
YEARS = 3


def make_documents(
    chance: random.Random,
    company: Company,
    organization_id: int,
    customers: list[dict[str, Any]],
    today: date,
) -> None:
    """All documents of one company, numbered by their dates; then the payments."""
    counts = {kind: int(company.documents * share) for kind, share in SHARES.items()}
    counts[DocumentKind.INVOICE] = company.documents - sum(counts.values())
    for kind, count in counts.items():
        rows, lines = [], []
        for position in range(count):
            age = (count - 1 - position) * YEARS * 365 // count
            row, own = _document(
                chance,
                company,
                organization_id,
                kind,
                position,
                customers,
                today - timedelta(days=age),
                today,
            )
            rows.append(row)
            lines.append(own)
        keys = insert_rows(Document, rows)
        insert_rows(
            DocumentLine,
            [
                {**line, "document_id": key}
                for key, own in zip(keys, lines, strict=True)
                for line in own
            ],
        )
        series = db.session.scalars(select(NumberSeries).where(NumberSeries.kind == kind)).one()
        series.next_number = FIRST_NUMBER + count
        if kind is DocumentKind.INVOICE:
            _pay(chance, organization_id, list(zip(keys, rows, strict=True)), today)
    db.session.flush()


def _document(
    chance: random.Random,
    company: Company,
    organization_id: int,
    kind: DocumentKind,
    position: int,
    customers: list[dict[str, Any]],
    issued: date,
    today: date,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    customer = customers[chance.randrange(len(customers))]
    lines = [
        _line(chance, company, organization_id, number, customer["currency"])
        for number in range(1, chance.choice((2, 2, 3, 3, 4, 5, 8)))
    ]
    subtotal = sum((line["net"] for line in lines), Decimal(0))
    tax = sum((line["tax"] for line in lines), Decimal(0))
    number = str(FIRST_NUMBER + position)
    row = stamped(
        organization_id,
        kind=kind,
        series=SERIES[kind],
        number=number,
        number_int=int(number),
        customer_id=customer["id"],
        state=_state(chance, kind, issued, today),
        issue_date=issued,
        due_date=issued + timedelta(days=customer["payment_terms_days"]),
        currency=customer["currency"],
        subtotal=subtotal,
        tax_total=tax,
        total=subtotal + tax,
        balance_due=subtotal + tax,
        bill_to=bill_to(customer),
        lang=customer["lang"],
        notes=None,
        posted_at=datetime.combine(issued, time(14), UTC),
    )
    return row, lines


def bill_to(customer: dict[str, Any]) -> dict[str, Any]:
    """The customer as a document shows it, for good."""
    address = customer["address"]
    return {
        "name": customer["name"],
        "legal_name": customer["legal_name"],
        "tax_id": customer["tax_id"],
        "tax_id_type": customer["tax_id_type"],
        "street": address["street"],
        "postcode": address["postcode"],
        "city": address["city"],
        "region": None,
        "country": address["country"],
    }


def _state(chance: random.Random, kind: DocumentKind, issued: date, today: date) -> DocumentState:
    age = (today - issued).days
    if kind is DocumentKind.QUOTE and age > 20:
        return chance.choice(
            (
                DocumentState.ACCEPTED,
                DocumentState.ACCEPTED,
                DocumentState.DECLINED,
                DocumentState.EXPIRED,
            )
        )
    if kind is DocumentKind.SALES_ORDER and age > 10:
        return DocumentState.DELIVERED if age > 25 else DocumentState.SHIPPING
    if age > 60 and chance.random() < 0.01:
        return DocumentState.VOID
    return DocumentState.POSTED


def _line(
    chance: random.Random, company: Company, organization_id: int, position: int, currency: str
) -> dict[str, Any]:
    code, description, unit, price = chance.choice(PRODUCTS)
    quantity = Decimal(chance.choice((1, 1, 2, 3, 5, 10, 12, 24)))
    unit_price = rounded(
        price * company.price_factor * Decimal(chance.randint(90, 115)) / 100, currency
    )
    discount = Decimal(chance.choice((0, 0, 0, 0, 5, 10)))
    net = rounded(quantity * unit_price * (1 - discount / 100), currency)
    return stamped(
        organization_id,
        editable=False,
        position=position,
        item_code=code,
        description=description,
        quantity=quantity,
        unit=unit,
        unit_price=unit_price,
        discount_percent=discount,
        tax_name=company.tax_name,
        tax_rate=company.tax_rate,
        net=net,
        tax=rounded(net * company.tax_rate / 100, currency),
    )


def _pay(
    chance: random.Random,
    organization_id: int,
    invoices: list[tuple[int, dict[str, Any]]],
    today: date,
) -> None:
    """Most of what is due was paid, some of it in part; a trigger moves balances and states."""
    payments, paid_for = [], []
    for key, invoice in invoices:
        late = (today - invoice["due_date"]).days
        luck = chance.random()
        if invoice["state"] is not DocumentState.POSTED or luck > (
            0.96 if late > 60 else 0.8 if late > 0 else 0.25
        ):
            continue
        part = luck > 0.9 or (late <= 0 and luck > 0.2)
        amount = (
            rounded(invoice["total"] * Decimal("0.4"), invoice["currency"])
            if part
            else invoice["total"]
        )
        if amount <= 0:
            continue
        paid_on = min(invoice["due_date"] + timedelta(days=chance.randint(-6, 12)), today)
        payments.append(
            stamped(
                organization_id,
                customer_id=invoice["customer_id"],
                paid_on=max(paid_on, invoice["issue_date"]),
                method=chance.choice(
                    (PaymentMethod.TRANSFER, PaymentMethod.TRANSFER, PaymentMethod.CARD)
                ),
                reference=f"TR-{chance.randint(100_000, 999_999)}",
                amount=amount,
                currency=invoice["currency"],
            )
        )
        paid_for.append((key, amount))
    keys = insert_rows(Payment, payments)
    insert_rows(
        PaymentAllocation,
        [
            stamped(
                organization_id,
                editable=False,
                payment_id=payment,
                document_id=document,
                amount=amount,
            )
            for payment, (document, amount) in zip(keys, paid_for, strict=True)
        ],
    )
