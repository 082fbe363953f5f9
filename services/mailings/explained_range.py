"""Why a document or a customer is not part of a mailing: which limit of its ranges or its audience keeps it out."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from models.base import db
from models.mailings.delivery import (
    FOR_CUSTOMERS,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)
from models.mailings.mailing import AudienceMode, Mailing, MailingRange, SentFilter
from models.people.customer import Customer
from models.sales.document import Document
from services.mailings.address_book import groups_below
from services.mailings.document_ranges import documents_in


def out_of_range(mailing: Mailing, document: Document) -> str | None:
    """The limit that keeps this document out, in a sentence; None if a range has it."""
    misfits = [list(_misfits(mailing, range_, document)) for range_ in mailing.ranges]
    if not misfits:
        return str(_("The mailing has no range."))
    nearest = min(misfits, key=len)
    return nearest[0] if nearest else None


def not_chosen(mailing: Mailing, customer: Customer) -> str | None:
    """Why this customer is not among those whom the mailing is for; None if they are."""
    for way in mailing.audience:
        if way.mode is AudienceMode.CUSTOMERS and customer.id not in way.ref_ids:
            return str(_("The mailing goes to chosen customers, and this is not one of them."))
        groups = groups_below(way.ref_ids) if way.mode is AudienceMode.GROUPS else None
        if groups is not None and customer.customer_group_id not in groups:
            return str(_("The mailing goes to customer groups that this customer is not in."))
    return None


def documents_for(mailing: Mailing, customer_id: int) -> list[int]:
    """The posted documents of this customer that are in the ranges now."""
    own = set(db.session.scalars(select(Document.id).where(Document.customer_id == customer_id)))
    ranges = [
        MailingRange(
            kind=range_.kind,
            series=range_.series,
            number_from=range_.number_from,
            number_to=range_.number_to,
            date_from=range_.date_from,
            date_to=range_.date_to,
            document_ids=sorted(own.intersection(range_.document_ids or own)),
        )
        for range_ in mailing.ranges
    ]
    return [found.id for found in documents_in(ranges) if found.exclusion is None]


def _misfits(mailing: Mailing, range_: MailingRange, document: Document) -> Iterable[str]:
    if document.kind is not range_.kind:
        yield str(_("The mailing covers other kinds of documents."))
    if range_.document_ids is not None and document.id not in range_.document_ids:
        yield str(_("%(document)s is not one of the chosen documents.", document=document.label))
    if range_.series is not None and document.series != range_.series:
        yield str(
            _(
                "%(document)s is in series %(series)s; the mailing covers series %(wanted)s.",
                document=document.label,
                series=document.series or "—",
                wanted=range_.series or "—",
            )
        )
    if not _between(document.number_int, range_.number_from, range_.number_to):
        yield str(
            _(
                "%(document)s is not between the numbers %(first)s and %(last)s.",
                document=document.label,
                first=range_.number_from or "…",
                last=range_.number_to or "…",
            )
        )
    if not _between(document.issue_date, range_.date_from, range_.date_to):
        yield str(
            _(
                "%(document)s was issued on %(day)s; the mailing covers %(first)s to %(last)s.",
                document=document.label,
                day=f"{document.issue_date:%d/%m/%Y}",
                first=f"{range_.date_from:%d/%m/%Y}" if range_.date_from else "…",
                last=f"{range_.date_to:%d/%m/%Y}" if range_.date_to else "…",
            )
        )
    if range_.sent_filter is not SentFilter.ANY:
        number = _sent_before(mailing, document)
        if number is not None:
            yield str(
                _(
                    "%(document)s had been sent before, with mailing no. %(number)s.",
                    document=document.label,
                    number=number,
                )
            )


def _between(value: object, first: object, last: object) -> bool:
    if value is None:
        return first is None and last is None
    return (first is None or first <= value) and (last is None or value <= last)  # type: ignore[operator]


def _sent_before(mailing: Mailing, document: Document) -> int | None:
    """The number of an earlier mailing that sent this document."""
    return db.session.scalar(
        select(Mailing.number)
        .join(Delivery, Delivery.mailing_id == Mailing.id)
        .join(DeliveryState, DeliveryState.delivery_id == Delivery.id)
        .join(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .where(
            DeliveryDocument.document_id == document.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            Delivery.mailing_id != mailing.id,
            DeliveryState.state == DeliveryStatus.SENT,
            *(
                [DeliveryState.sent_at < mailing.registered_at]
                if mailing.registered_at is not None
                else []
            ),
        )
        .order_by(Mailing.number.desc())
        .limit(1)
    )
