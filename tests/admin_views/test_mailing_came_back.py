"""What the pages of a mailing say when its messages come back after it has ended (X1-08, decision 0038)."""

import html
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.base import db
from models.mailbox.message import Message
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailbox.examining import examine_messages
from tests.factories.bounces import make_report, returned_head
from tests.factories.mailbox import NOON, make_folder, make_mailbox, receive
from tests.factories.mailings import make_registered


@pytest.fixture
def mailing(organization, settings):
    """Finished an hour before one of its two messages comes back."""
    sent_at = NOON - timedelta(hours=1)
    made = make_registered(settings, customers=2, account=make_mailbox())
    for query in (
        update(DeliveryState).values(state=DeliveryStatus.SENT, sent_at=sent_at),
        update(Mailing).values(
            state=MailingState.FINISHED, started_at=sent_at, finished_at=sent_at
        ),
    ):
        db.session.execute(query.execution_options(synchronize_session=False))
    db.session.commit()
    db.session.refresh(made)
    return made


@pytest.fixture
def delivery(mailing):
    delivery = db.session.scalars(select(Delivery).order_by(Delivery.id).limit(1)).one()
    receive(
        make_folder(mailing.account),
        make_report(delivery.recipient, returned=returned_head(delivery)),
    )
    db.session.commit()
    examine_messages()
    db.session.expire_all()
    return delivery


def page(client, path):
    return html.unescape(client.get(path).text)


def test_the_mailing_says_how_many_bounced_later(mailing, delivery, sign_in):
    """X1-08: its state stays; the card, the list of mailings and the list of recipients say it, and lead there."""
    client, place = sign_in(), f"/mailings/{mailing.public_id}"

    shown = page(client, f"{place}/progress")
    assert "Finalizado" in shown
    assert "2 enviados" in shown and "1 rebotó después" in shown
    assert f"{place}/recipients?show=came_back" in shown
    assert "los demás lo recibieron" not in shown
    assert "2 enviados · 1 rebotó después" in page(client, "/mailings/")
    listed = page(client, f"{place}/recipients?show=came_back")
    assert delivery.recipient in listed


def test_why_leads_to_the_message_that_says_so(mailing, delivery, sign_in):
    """X1-08, X1-05: for whoever may read it."""
    bounce = db.session.scalars(select(Message)).one()
    path = f"/mailings/{mailing.public_id}/why/m{delivery.id}"
    link = f"/mail/messages/{bounce.public_id}"

    assert link in page(sign_in("clerk"), path)
    mailing.account.is_shared = False
    db.session.commit()
    hidden = page(sign_in("clerk"), path)
    assert "Rebotó: smtp; 550" in hidden or "Rebotó: 550" in hidden
    assert link not in hidden
