"""Preparing messages chunk by chunk: render the documents, freeze the texts, write the rows."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from mail.envelope import EmailAddress
from mail.errors import MailError
from models.base import db
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from services.mailings.audience import Excluded, PlannedMessage
from services.mailings.frozen_rows import Destiny, NewDelivery, write_deliveries
from services.mailings.message import LARGEST_MESSAGE, freeze, keep_part
from services.sales.pdf import Workshop, render_documents

DOCUMENTS_PER_CHUNK = 400


def chunks(
    planned: Sequence[tuple[str, PlannedMessage]],
) -> Iterator[list[tuple[str, PlannedMessage]]]:
    """Whole customers together, so that a document is rendered in one chunk only."""
    chunk: list[tuple[str, PlannedMessage]] = []
    documents = 0
    for _customer, messages in groupby(planned, key=lambda pair: pair[1].customer.id):
        group = list(messages)
        size = len({document.id for _key, message in group for document in message.documents})
        if chunk and documents + size > DOCUMENTS_PER_CHUNK:
            yield chunk
            chunk, documents = [], 0
        chunk += group
        documents += size
    if chunk:
        yield chunk


def prepare(
    mailing: Mailing,
    chunk: Sequence[tuple[str, PlannedMessage]],
    workshop: Workshop,
    *,
    destiny: Destiny | None = None,
) -> list[Excluded]:
    """Render, freeze and write the messages; those that cannot be made become exclusions.

    They belong to the registered mailing and wait for its start, unless another `destiny` is given.
    """
    account = mailing.account
    organization = db.session.get_one(Organization, mailing.organization_id)
    wanted = {document.id for _key, message in chunk for document in message.documents}
    rendered = render_documents(sorted(wanted), workshop)
    store = workshop.store
    parts = {key: keep_part(pdf, store) for key, pdf in rendered.pdfs.items()}
    rows: list[NewDelivery] = []
    excluded: list[Excluded] = []
    for key, planned in chunk:
        documents = [d for d in planned.documents if d.id in parts]
        for document in planned.documents:
            if document.id not in parts:
                problem = rendered.problems.get(document.id, "")
                excluded.append(
                    _unmade(planned, ReasonCode.RENDER_ERROR, problem, document_id=document.id)
                )
        if len(documents) < len(planned.documents):
            continue  # a customer gets all of the documents together or hears why not
        try:
            message = freeze(
                planned,
                mailing=mailing,
                account=account,
                organization=organization,
                parts=[parts[document.id] for document in documents],
            )
        except MailError as error:
            excluded.append(_unmade(planned, ReasonCode.RENDER_ERROR, error.message))
            continue
        if message.size_bytes > LARGEST_MESSAGE:
            excluded.append(_unmade(planned, ReasonCode.OVER_SIZE, f"{message.size_bytes} bytes"))
            continue
        hashes = [(document.id, rendered.pdfs[document.id].sha256) for document in documents]
        rows.append(
            NewDelivery(key, planned, message, planned.address, planned.address_norm, hashes)
        )
    write_deliveries(rows, destiny or destiny_of(mailing))
    return excluded


def destiny_of(mailing: Mailing, **fields: Any) -> Destiny:
    """What the messages of a mailing have in common when it is registered; `fields` say what differs."""
    return Destiny(
        **{
            "account_id": mailing.account_id,
            "envelope_from": str(EmailAddress.parse(mailing.account.address)),
            "kind": DeliveryKind.BULK,
            "mailing_id": mailing.id,
            "held_by": mailing.id,
            "state": DeliveryStatus.PREPARED,
            **fields,
        }
    )


def _unmade(
    planned: PlannedMessage, reason: ReasonCode, detail: str, *, document_id: int | None = None
) -> Excluded:
    return Excluded(
        planned.customer.id,
        reason,
        document_id=document_id,
        contact_id=planned.entry.contact_id,
        address=planned.address,
        detail=detail,
    )
