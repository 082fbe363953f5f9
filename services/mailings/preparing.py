"""Preparing messages chunk by chunk: render the documents, freeze the texts, write the rows."""

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import Any

from mail.envelope import EmailAddress
from mail.errors import MailError
from models.base import db
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from services.mailbox.sender_fields import words_of
from services.mailings.attachments import attachments_of
from services.mailings.audience import PlannedMessage
from services.mailings.frozen_rows import Destiny, NewDelivery, write_deliveries
from services.mailings.objections import Excluded
from services.mailings.packing import largest_of, pack
from services.mailings.unmade import unmade_words
from services.portal.portal_addresses import links_base
from services.sales.pdf import Workshop, begin_rendering

DOCUMENTS_PER_CHUNK = 100  # some seconds: progress is seen to move
FIRST_DOCUMENTS = 24  # and begins soon; enough for all processes

Chunk = list[tuple[str, PlannedMessage]]


def chunks(
    planned: Sequence[tuple[str, PlannedMessage]],
) -> Iterator[list[tuple[str, PlannedMessage]]]:
    """Whole customers together, so that a document is rendered in one chunk only."""
    chunk: list[tuple[str, PlannedMessage]] = []
    documents, most = 0, min(FIRST_DOCUMENTS, DOCUMENTS_PER_CHUNK)
    for _customer, messages in groupby(planned, key=lambda pair: pair[1].customer.id):
        group = list(messages)
        size = len({document.id for _key, message in group for document in message.documents})
        if chunk and documents + size > most:
            yield chunk
            chunk, documents, most = [], 0, DOCUMENTS_PER_CHUNK
        chunk += group
        documents += size
    if chunk:
        yield chunk


def drawn_ahead(waiting: Sequence[Chunk], workshop: Workshop) -> Iterator[Chunk]:
    """The chunks, each while the documents of the next are being drawn: no core waits for the ledger."""
    for chunk in waiting[:1]:
        begin_rendering(sorted(_documents_of(chunk)), workshop)
    for chunk, next_one in zip_longest(waiting, waiting[1:]):
        if next_one:
            begin_rendering(sorted(_documents_of(next_one)), workshop)
        yield chunk


def _documents_of(chunk: Chunk) -> set[int]:
    return {document.id for _key, message in chunk for document in message.documents}


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
    organization = db.session.get_one(Organization, mailing.organization_id)
    sender = words_of(mailing.account, organization)
    base = links_base(workshop.base_url)
    wanted = {document.id for _key, message in chunk for document in message.documents}
    attachments = attachments_of(wanted, mailing.extra_file_kinds, workshop)
    rows: list[NewDelivery] = []
    excluded: list[Excluded] = []
    for key, planned in chunk:
        keys = [document.id for document in planned.documents]
        if not attachments.has_all(keys):  # all of the documents together, or none and why
            excluded += [
                _unmade(planned, ReasonCode.RENDER_ERROR, problem, document_id=document)
                for document in keys
                if (problem := attachments.problems.get(document)) is not None
            ]
            continue
        try:
            message = pack(
                planned,
                attachments,
                mailing=mailing,
                sender=sender,
                base_url=base,
            )
        except MailError as error:
            excluded.append(_unmade(planned, ReasonCode.RENDER_ERROR, unmade_words(error)))
            continue
        if message.size_bytes > largest_of(mailing):
            excluded.append(_unmade(planned, ReasonCode.OVER_SIZE, f"{message.size_bytes} bytes"))
            continue
        hashes = attachments.hashes(keys)
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
