"""Write invoices of a sheet: posted at once, each together with its lines; what is posted never changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import selectinload

from models.audit_trail import plain, record_events
from models.base import db, utc_now
from models.people.customer import Customer
from models.sales.document import Document, DocumentLine, Invoice
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.number_series import NumberSeries
from models.tenancy import current_scope
from services.sales.bill_to import bill_to
from services.system.bulk_insert import insert_rows, reserve_keys
from services.system.imports.cells import quoted
from services.system.imports.invoice_drafts import InvoiceDraft, add_up, read_invoice
from services.system.imports.outcome import Counts, Made
from services.system.imports.records import SheetRecord
from services.system.imports.sheet import Survey

TOLD = ("series", "number", "customer_id", "issue_date", "due_date", "currency", "total")


def write_invoices(records: Sequence[SheetRecord], found: Survey) -> Counts:
    """Post the invoices of these records, flushed; what keeps one out is added to its record."""
    drafts = [read_invoice(record, found) for record in records]
    _find_customers([draft for draft in drafts if not draft.is_wrong])
    ready = [draft for draft in drafts if not draft.is_wrong]
    existing = _existing(ready)
    new = [draft for draft in ready if draft.place not in existing]
    for draft in ready:
        if draft.place in existing:
            _compare(draft, existing[draft.place])
    unchanged = sum(not draft.is_wrong for draft in ready) - len(new)
    keys = _post(new)
    made = [Made(key, draft.label) for key, draft in zip(keys, new, strict=True)]
    return Counts(created=len(new), unchanged=unchanged, made=made)


def _find_customers(drafts: Sequence[InvoiceDraft]) -> None:
    numbers = {draft.said["customer_number"] for draft in drafts}
    customers: Mapping[str, Customer] = {
        customer.number: customer
        for customer in db.session.scalars(
            select(Customer)
            .where(Customer.number.in_(numbers))
            .options(selectinload(Customer.addresses))
        )
    }
    for draft in drafts:
        number = draft.said["customer_number"]
        if number in customers:
            add_up(draft, customers[number])
        else:
            draft.reject(
                "customer_number",
                _("There is no customer with the number “%(number)s”.", number=quoted(number)),
            )


def _existing(drafts: Sequence[InvoiceDraft]) -> dict[tuple[str, int], Invoice]:
    of_series: dict[str, list[int]] = defaultdict(list)
    for draft in drafts:
        of_series[draft.series].append(draft.place[1])
    if not of_series:
        return {}
    wanted = [
        and_(Invoice.series == series, Invoice.number_int.in_(numbers))
        for series, numbers in of_series.items()
    ]
    invoices = db.session.scalars(
        select(Invoice).where(or_(*wanted)).options(selectinload(Invoice.lines))
    )
    return {(invoice.series, invoice.number_int or 0): invoice for invoice in invoices}


def _compare(draft: InvoiceDraft, invoice: Invoice) -> None:
    """The same content is fine; anything else would change what was posted."""
    customer_id = draft.customer.id if draft.customer else None
    differs = next(
        (
            name
            for name, ours, theirs in (
                ("customer_number", invoice.customer_id, customer_id),
                ("issue_date", invoice.issue_date, draft.issue_date),
                ("due_date", invoice.due_date, draft.said.get("due_date", invoice.due_date)),
                ("currency", invoice.currency, draft.said.get("currency", invoice.currency)),
            )
            if ours != theirs
        ),
        None,
    )
    sentence = _(
        "The invoice %(label)s exists already and says something else here. What is posted does not change.",
        label=invoice.label,
    )
    if differs:
        draft.reject(differs, sentence)
        return
    for ours, theirs in zip(invoice.lines, draft.lines, strict=False):
        for name in ("description", "quantity", "unit_price", "tax_rate"):
            if getattr(ours, name) != getattr(theirs, name):
                draft.reject(name, sentence, line=theirs.line)
                return
        if ours.discount_percent:
            draft.reject("unit_price", sentence, line=theirs.line)
            return
    if len(invoice.lines) != len(draft.lines):
        draft.reject(
            "number",
            _(
                "The invoice %(label)s exists already, with %(count)d lines. What is posted does not change.",
                label=invoice.label,
                count=len(invoice.lines),
            ),
        )


def _post(drafts: Sequence[InvoiceDraft]) -> list[int]:
    """Insert documents with their lines, one audit event each, and move the number series on."""
    if not drafts:
        return []
    organization_id = current_scope().organization_id
    rows = [_document_row(draft, organization_id) for draft in drafts]
    keys = reserve_keys(Document.__table__, len(rows))
    insert_rows(
        Document.__table__, [{"id": key, **row} for key, row in zip(keys, rows, strict=True)]
    )
    insert_rows(
        DocumentLine.__table__,
        [
            {
                "organization_id": organization_id,
                "document_id": key,
                "position": position,
                "description": line.description,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "tax_rate": line.tax_rate,
                "net": line.net,
                "tax": line.tax,
            }
            for key, draft in zip(keys, drafts, strict=True)
            for position, line in enumerate(draft.lines, start=1)
        ],
    )
    record_events(
        db.session(),
        entity="document",
        action="create",
        after=[
            (key, {name: plain(row[name]) for name in TOLD} | {"lines": len(draft.lines)})
            for key, row, draft in zip(keys, rows, drafts, strict=True)
        ],
    )
    _move_series_on(drafts)
    return keys


def _document_row(draft: InvoiceDraft, organization_id: int | None) -> dict[str, Any]:
    customer = draft.customer
    if customer is None:
        raise ValueError("an invoice without its customer is not posted")
    total = draft.subtotal + draft.tax_total
    actor = current_scope().actor
    return {
        "organization_id": organization_id,
        "kind": DocumentKind.INVOICE,
        "series": draft.series,
        "number": draft.number,
        "number_int": draft.place[1],
        "customer_id": customer.id,
        "state": DocumentState.POSTED,
        "issue_date": draft.issue_date,
        "due_date": draft.due_date,
        "currency": draft.currency,
        "subtotal": draft.subtotal,
        "tax_total": draft.tax_total,
        "total": total,
        "balance_due": total,
        "bill_to": bill_to(customer),
        "lang": customer.lang,
        "posted_at": utc_now(),
        "created_by_id": actor.id if actor.kind == "user" else None,
    }


def _move_series_on(drafts: Sequence[InvoiceDraft]) -> None:
    """The next invoice that is made here must not get a number that came with the sheet."""
    last: dict[str, int] = {}
    for draft in drafts:
        last[draft.series] = max(last.get(draft.series, 0), draft.place[1])
    for series, number in sorted(last.items()):
        row = db.session.scalar(NumberSeries.of(DocumentKind.INVOICE, series))
        if row is not None and row.next_number <= number:
            row.next_number = number + 1
    db.session.flush()
