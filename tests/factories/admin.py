"""One row of everything that the admin shows."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from models.mailings.message_template import MessageTemplate
from models.mailings.suppression import Suppression
from models.people.customer import Address
from models.people.organization import Branch, Department
from models.sales.document import CreditNote, Quote, SalesOrder
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.sales.payment import Payment, PaymentAllocation
from models.system.file import File
from tests.factories.people import make_contact, make_customer, make_group, make_mail_account
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import make_statement

CANARY = "canary-4711-must-never-be-seen"


@dataclass
class Rows:
    """The keys of one row per endpoint, and some of the records themselves."""

    keys: dict[str, int] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)

    def add(self, endpoint: str, record: Any) -> Any:
        self.keys[endpoint] = record.id
        self.records[endpoint] = record
        return record


def make_rows() -> Rows:
    """In the organization in scope."""
    rows = Rows()
    rows.add("branch", saved(Branch(code="B9", name="Centro")))
    rows.add("department", saved(Department(code="D9", name="Cartera")))
    group = rows.add("customer_group", make_group())
    customer = rows.add(
        "customer",
        make_customer(customer_group_id=group.id, tax_id="900123456", phone="+57 601 5550101"),
    )
    saved(Address(customer_id=customer.id, street="Calle 1", city="Bogotá", country="CO"))
    contact = rows.add("contact", make_contact(customer))
    rows.add("customer_contact", contact.customers[0] if contact.customers else contact)
    rows.add("mail_account", make_mail_account(password=CANARY))
    rows.add(
        "number_series",
        saved(NumberSeries(kind=DocumentKind.INVOICE, series="FV", next_number=5000)),
    )
    rows.add(
        "message_template", saved(MessageTemplate(code="T", subject="S", body_html="<p>B</p>"))
    )
    rows.add("suppression", saved(Suppression(address_norm="no@example.com")))
    rows.add(
        "file", saved(File(sha256="a" * 64, size_bytes=3, media_type="text/plain", name="a.txt"))
    )
    invoice = rows.add("invoice", make_document(customer))
    rows.records["draft"] = make_document(customer, state=DocumentState.DRAFT)
    for kind, endpoint in (
        (CreditNote, "credit_note"),
        (Quote, "quote"),
        (SalesOrder, "sales_order"),
    ):
        rows.add(endpoint, make_document(customer, kind=kind, state=DocumentState.DRAFT))
    payment = Payment(
        customer_id=customer.id, paid_on=date(2026, 8, 1), amount=Decimal(50), currency="EUR"
    )
    payment.allocations.append(PaymentAllocation(document_id=invoice.id, amount=Decimal(50)))
    rows.add("payment", saved(payment))
    rows.add("statement", make_statement(customer))
    return rows
