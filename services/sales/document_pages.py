"""From the rows of documents to what is printed of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import selectin_polymorphic, selectinload
from sqlalchemy.types import BigInteger

from files.document_page import CustomerBlock, DocumentPage, OrganizationBlock, PageLine, TaxRow
from files.document_page import DocumentKind as PageKind
from files.store import FileStore
from models.base import db
from models.people.organization import Organization
from models.sales.document import Document, DocumentLine
from models.sales.document_state import DocumentKind
from models.sales.statement import Statement
from models.tenancy import current_scope
from services.people.tax_ids import plain_name, shown_tax_id
from services.sales.account_table import account_table
from services.sales.formats import (
    shown_amount,
    shown_country,
    shown_date,
    shown_percent,
    shown_quantity,
)

OWED = {DocumentKind.INVOICE}


def pages_of(
    document_ids: Sequence[int], *, store: FileStore, base_url: str
) -> Iterator[tuple[Document, DocumentPage]]:
    """The pages of these documents of the present organization, in a few queries."""
    keys = any_(literal(list(document_ids), ARRAY(BigInteger)))
    documents = db.session.scalars(
        select(Document)
        .where(Document.id == keys)
        .options(selectin_polymorphic(Document, [Statement]), selectinload(Statement.movements))
        .order_by(Document.id)
    ).all()
    lines: dict[int, list[DocumentLine]] = defaultdict(list)
    for line in db.session.scalars(
        select(DocumentLine)
        .where(DocumentLine.document_id == keys)
        .order_by(DocumentLine.document_id, DocumentLine.position)
    ):
        lines[line.document_id].append(line)
    if not documents:
        return
    organization = db.session.get_one(Organization, documents[0].organization_id)
    issuer, how_to_pay = _issuer(organization, store), organization.payment_instructions or ""
    for document in documents:
        yield document, _whole_page(document, lines[document.id], issuer, base_url, how_to_pay)


def page_of(
    document: Document, organization: Organization, *, store: FileStore, base_url: str
) -> DocumentPage:
    """The page of one document that is at hand with its lines and with whose it is."""
    issuer, how_to_pay = _issuer(organization, store), organization.payment_instructions or ""
    return _whole_page(document, document.lines, issuer, base_url, how_to_pay)


def page_of_account(statement: Statement, *, store: FileStore) -> DocumentPage:
    """The page of a statement that nobody has issued: it has no number, and no address for a code to lead to."""
    organization = db.session.get_one(Organization, current_scope().organization_id)
    page = _page(statement, (), _issuer(organization, store), "")
    return replace(
        page,
        number=statement.currency,
        document_url="",
        has_qr=False,
        account=account_table(statement),
    )


def _whole_page(
    document: Document,
    lines: Sequence[DocumentLine],
    issuer: OrganizationBlock,
    base_url: str,
    how_to_pay: str,
) -> DocumentPage:
    page = _page(document, lines, issuer, base_url)
    if document.is_owed:
        page = replace(page, payment_instructions=how_to_pay)
    if isinstance(document, Statement):
        page = replace(page, account=account_table(document))
    return page


def _issuer(organization: Organization, store: FileStore) -> OrganizationBlock:
    logo = organization.logo_sha256
    return OrganizationBlock(
        name=organization.name,
        legal_name=organization.legal_name or "",
        **_tax_id(organization.tax_id, organization.tax_id_type),
        address_lines=tuple((organization.address or "").splitlines()),
        phone=organization.phone or "",
        email=organization.email or "",
        web=organization.website or "",
        logo=store.read(logo) if logo else None,
        brand_colour=organization.brand_color,
    )


def _page(
    document: Document, lines: Sequence[DocumentLine], issuer: OrganizationBlock, base_url: str
) -> DocumentPage:
    currency, lang = document.currency, document.lang
    until = shown_date(document.due_date, lang)
    owes = document.kind in OWED
    paid = document.total - document.balance_due
    return DocumentPage(
        kind=PageKind(document.kind.value),
        language=lang,
        number=document.label,
        currency=currency,
        organization=_addressed(issuer, lang),
        customer=_customer(document),
        lines=tuple(_line(line, currency, lang) for line in lines),
        subtotal=shown_amount(document.subtotal, currency, lang),
        total=shown_amount(document.total, currency, lang),
        taxes=_taxes(lines, currency, lang),
        paid=shown_amount(paid, currency, lang) if owes and paid else "",
        amount_due=shown_amount(document.balance_due, currency, lang) if owes else "",
        is_paid=owes and bool(paid) and document.balance_due <= 0,
        issue_date=shown_date(document.issue_date, lang),
        notes=document.notes or "",
        document_url=f"{base_url}/d/{document.public_id}",
        rendered_as_of=document.posted_at or document.created_at,
        due_date=until if owes else "",
        valid_until=until if document.kind is DocumentKind.QUOTE else "",
        delivery_date=until if document.kind is DocumentKind.SALES_ORDER else "",
    )


def _addressed(issuer: OrganizationBlock, lang: str) -> OrganizationBlock:
    """With the country that ends its address in the language of the document."""
    *lines, last = issuer.address_lines or ("",)
    return replace(issuer, address_lines=(*lines, shown_country(last, lang))) if last else issuer


def _customer(document: Document) -> CustomerBlock:
    """As it was when the document was posted."""
    bill_to = document.bill_to
    town = " ".join(filter(None, (bill_to.get("postcode"), bill_to.get("city"))))
    country = shown_country(bill_to.get("country") or "", document.lang)
    rest = ", ".join(filter(None, (bill_to.get("region"), country)))
    return CustomerBlock(
        name=bill_to.get("name") or document.customer.name,
        legal_name=bill_to.get("legal_name") or "",
        **_tax_id(bill_to.get("tax_id"), bill_to.get("tax_id_type")),
        address_lines=tuple(filter(None, (bill_to.get("street"), town, rest))),
    )


def _tax_id(tax_id: str | None, tax_id_type: str | None) -> dict[str, str]:
    if not tax_id:
        return {}
    return {
        "tax_id_label": plain_name(tax_id_type) if tax_id_type else "",
        "tax_id": shown_tax_id(tax_id, tax_id_type),
    }


def _line(line: DocumentLine, currency: str, lang: str) -> PageLine:
    return PageLine(
        code=line.item_code or "",
        description=line.description,
        quantity=shown_quantity(line.quantity, lang),
        unit=line.unit or "",
        unit_price=shown_amount(line.unit_price, currency, lang),
        discount=shown_percent(line.discount_percent, lang) if line.discount_percent else "",
        tax=shown_percent(line.tax_rate, lang) if line.tax_rate else "",
        total=shown_amount(line.net, currency, lang),
    )


def _taxes(lines: Sequence[DocumentLine], currency: str, lang: str) -> tuple[TaxRow, ...]:
    sums: dict[tuple[str, Decimal], list[Decimal]] = {}
    for line in lines:
        base_and_tax = sums.setdefault((line.tax_name, line.tax_rate), [Decimal(0), Decimal(0)])
        base_and_tax[0] += line.net
        base_and_tax[1] += line.tax
    return tuple(
        TaxRow(
            label=f"{name} {shown_percent(rate, lang)}",
            base=shown_amount(base, currency, lang),
            amount=shown_amount(tax, currency, lang),
        )
        for (name, rate), (base, tax) in sorted(sums.items())
    )
