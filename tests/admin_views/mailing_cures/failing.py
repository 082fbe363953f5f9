"""A mailing whose messages fail, and the buttons that are pressed."""

import html
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from services.mailings.register import register_mailing
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer
from tests.factories.sales import make_document


def registered(settings: Settings, **fields: Any) -> Mailing:
    """Of all FV, beside somebody who gets it in any case."""
    other = make_customer()
    make_contact(other, roles=("billing", "approver"))
    make_document(other)
    db.session.flush()
    draft = make_draft(ranges=[MailingRange(series="FV")], **fields)
    register_mailing(draft, Workshop(files_url=settings.files_url, base_url="http://localhost"))
    finish(draft)
    return draft


def finish(mailing: Mailing) -> None:
    """As if all of it had been sent."""
    db.session.execute(update(DeliveryState).values(state=DeliveryStatus.SENT, sent_at=utc_now()))
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(state=MailingState.FINISHED, started_at=utc_now(), finished_at=utc_now())
    )
    db.session.commit()


def fail(delivery: Delivery, reason: ReasonCode) -> None:
    db.session.execute(
        update(DeliveryState)
        .where(DeliveryState.delivery_id == delivery.id)
        .values(state=DeliveryStatus.FAILED, reason_code=reason, sent_at=None)
    )
    db.session.commit()


def press(client: FlaskClient, mailing: Mailing, key: str, cure: str, **said: str) -> str:
    """Press a button; the page that one comes back to."""
    answer = client.post(f"/mailings/{mailing.public_id}/cure/{key}", data={"cure": cure, **said})
    assert answer.status_code == 302, cure
    return html.unescape(client.get(answer.location).text)


def line_of(mailing: Mailing, customer: Customer) -> str:
    """The key of the customer's exclusion or message."""
    exclusion = db.session.scalar(
        select(MailingExclusion.id).where(
            MailingExclusion.mailing_id == mailing.id, MailingExclusion.customer_id == customer.id
        )
    )
    if exclusion is not None:
        return f"x{exclusion}"
    return f"m{db.session.scalars(select(Delivery.id).where(Delivery.customer_id == customer.id)).one()}"


def newest() -> Delivery:
    return db.session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
