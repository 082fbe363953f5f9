"""The demo company: deterministic, complete, made once."""

import random
from datetime import date

from sqlalchemy import select

from models.audit_trail import record_event
from models.base import db
from models.mailbox.account_default import MailPurpose
from models.mailings.message_template import MessageTemplate
from models.people.organization import Organization
from models.tenancy import acting_in
from seed.accounts import PASSWORD, DemoServer, make_accounts, make_letterheads
from seed.companies import COMPANIES, Company
from seed.customers import make_customers, make_groups
from seed.documents import FIRST_NUMBER, make_documents
from seed.portal import make_portal
from seed.staff import make_departments, make_staff
from seed.statements import make_statements
from services.mailbox.checks import ask_check
from services.mailbox.default_senders import choose_default

SEED = 20_260_731
SUBJECT = "{{ organization.name }}: sus documentos {{ documents.numbers }}"
BODY = (
    "<p>Buenos días, {{ contact.name }}:</p>"
    "<p>Le enviamos los documentos a nombre de {{ customer.name }} por un total de {{ documents.total }}."
    " El primer vencimiento es el {{ document.due_date }}.</p>"
    "<p>Si algo no coincide con su pedido, responda a este correo y lo revisamos el mismo día.</p>"
)
SIGNATURE = """\
<p>Saludos,</p>
<p><strong>Facturación</strong><br>{{ organization.name }}<br>{{ user.phone }}</p>"""


def make_demo(*, today: date, server: DemoServer) -> list[Organization]:
    """Three organizations with everything in them; adds and flushes, the caller commits."""
    chance = random.Random(SEED)  # nosec B311  # chance, not secrecy
    organizations = [_organization(company) for company in COMPANIES]
    db.session.add_all(organizations)
    db.session.flush()
    departments = []
    for company, organization in zip(COMPANIES, organizations, strict=True):
        with acting_in(organization.id):
            departments.append(make_departments(company))
            groups = make_groups(FIRST_NUMBER)
            customers = make_customers(chance, company, organization.id, groups)
            make_documents(chance, company, organization.id, customers, today)
            make_statements([customer["id"] for customer in customers], today)
            _writing(company, server)
            record_event(
                db.session(),
                entity="organization",
                entity_id=organization.id,
                action="seed",
                after={"customers": company.customers, "documents": company.documents},
            )
            db.session.flush()
    colleagues = make_staff(chance, organizations, departments)
    for company, organization, people, parts in zip(
        COMPANIES, organizations, colleagues, departments, strict=True
    ):
        with acting_in(organization.id):
            make_letterheads(company, organization, parts)
            make_accounts(company, people, server)
            db.session.flush()
    with acting_in(organizations[0].id):
        make_portal(today)
    return organizations


def organizations_of_demo() -> list[Organization]:
    """The demo's organizations, if they were made."""
    codes = [company.code for company in COMPANIES]
    return list(
        db.session.scalars(
            select(Organization).where(Organization.code.in_(codes)).order_by(Organization.id)
        ).all()
    )


def is_made() -> bool:
    """Whether the demo company is there already."""
    return bool(organizations_of_demo())


def _organization(company: Company) -> Organization:
    return Organization(
        code=company.code,
        name=company.name,
        legal_name=company.legal_name,
        tax_id_type=company.tax_id_type,
        tax_id=company.tax_id,
        default_lang=company.lang,
        timezone=company.timezone,
        base_currency=company.currency,
        address=company.address,
        payment_instructions=company.payment_instructions,
        phone=company.phone,
        email=f"facturacion@{company.domain}",
        website=f"https://www.{company.domain}",
        brand_color=company.brand_color,
    )


def _writing(company: Company, server: DemoServer) -> None:
    """The accounts of all: where invoices and notices leave from, and collections; and a text to go with invoices."""
    billing = server.account(
        f"facturacion@{company.domain}",
        display_name=f"Facturación {company.name}",
        is_shared=True,
        connections=2,
        per_minute=600,
        signature_html=SIGNATURE,
    )
    collections = server.account(
        f"cobros@{company.domain}", display_name=f"Cobros {company.name}", is_shared=True
    )
    for account in (billing, collections):
        account.password = PASSWORD
        db.session.add(account)
        db.session.flush()  # one by one: whoever asks for the first shared one gets billing
    db.session.add(MessageTemplate(code="factura", lang="es", subject=SUBJECT, body_html=BODY))
    db.session.flush()
    ask_check([billing, collections])
    for purpose in (MailPurpose.INVOICES, MailPurpose.NOTICES):
        choose_default(purpose, billing.id, None)
