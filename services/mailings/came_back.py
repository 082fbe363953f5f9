"""What follows when a message that was sent has come back: the state of its delivery, and of an address that does not exist."""

import re

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.delivery_report import DeliveryReport, ReportGrade
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from models.tenancy import current_scope
from services.mailings.reopening import renew

FULL = re.compile(r"quota|mailbox (?:is )?full|over ?quota|buzón lleno", re.IGNORECASE)
# The beginnings of codes (RFC 3463), the first that fits; what is left was refused for what it is.
REASONS = (
    (("4.2.2", "5.2.2"), ReasonCode.QUOTA),
    (("5.2.3", "5.3.4"), ReasonCode.OVER_SIZE),
    (("4.4.", "5.4."), ReasonCode.CONNECT_FAILED),
)


def came_back(delivery: Delivery, report: DeliveryReport) -> None:
    """Say at the delivery that this address has not got it; if it does not exist, nobody writes to it again unasked."""
    if delivery.mailing_id is not None:
        renew(delivery.mailing_id)  # first the mailing, as all who move its messages do
    state = db.session.scalars(
        select(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    copies = db.session.scalars(
        select(DeliveryCopy)
        .where(DeliveryCopy.delivery_id == delivery.id)
        .execution_options(populate_existing=True)
    ).all()
    missed = next((copy for copy in copies if copy.address_norm == report.address_norm), None)
    if missed is not None:
        _refuse(missed, report)
    others = {copy.state for copy in copies if copy.role is CopyRole.TO and copy is not missed}
    if missed is None or missed.role is CopyRole.TO:
        _move(state, report, is_whole=CopyState.ACCEPTED not in others)
    if report.grade is ReportGrade.HARD:
        _mark(delivery, report)
    db.session.flush()


def reason_of(report: DeliveryReport) -> ReasonCode:
    """Why it was not taken."""
    if report.grade is ReportGrade.HARD:
        return ReasonCode.RECIPIENT_REJECTED
    for beginnings, reason in REASONS:
        if (report.status or "").startswith(beginnings):
            return reason
    return ReasonCode.QUOTA if FULL.search(report.diagnostic) else ReasonCode.CONTENT_REJECTED


def _refuse(copy: DeliveryCopy, report: DeliveryReport) -> None:
    if copy.state is CopyState.ACCEPTED:
        copy.state = CopyState.REFUSED
        copy.smtp_code, copy.smtp_text = report.smtp_code, report.words
        copy.bounced_at = report.reported_at


def _move(state: DeliveryState, report: DeliveryReport, *, is_whole: bool) -> None:
    """What is on its way again, or was refused at once, stays as it is; a doubt ends, since it did leave."""
    if state.state is DeliveryStatus.UNCONFIRMED:
        state.state = DeliveryStatus.FAILED
    elif state.state is not DeliveryStatus.SENT:
        return
    state.reason_code = reason_of(report)
    if is_whole:
        state.bounced_at = state.bounced_at or report.reported_at
    else:
        state.reason_detail = f"{report.address_norm}: {report.words}"


def _mark(delivery: Delivery, report: DeliveryReport) -> None:
    """As a refusal at once does (`outcomes.py`)."""
    code = " ".join(filter(None, [str(report.smtp_code or ""), report.status or ""]))
    for email in db.session.scalars(ContactEmail.at(report.address_norm)):
        email.state = AddressState.BOUNCED
        email.last_failure_at, email.last_failure_code = report.reported_at, code or None
    now = func.now()
    db.session.execute(
        insert(Suppression)
        .values(
            organization_id=current_scope().organization_id,
            address_norm=report.address_norm,
            reason=f"DSN {code}".strip(),
            source_delivery_id=delivery.id,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing()
    )
