"""A started mailing leaves, through a real server, by the real ledger."""

import pytest
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryAttempt, DeliveryState
from models.mailings.mailing import MailingRange
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from models.sales.document import Invoice
from services.mailings.audience import Choice, preview
from services.mailings.flow import start
from services.mailings.verify import verify_mailing
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_registered
from tests.factories.people import make_mail_account
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions


def deliver(settings, mailing, **plan):
    start(mailing.id)
    db.session.commit()
    make_dispatch(settings, **plan).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    db.session.refresh(mailing)


def states(mailing):
    rows = db.session.scalars(select(DeliveryState).where(DeliveryState.mailing_id == mailing.id))
    return sorted(row.state.value for row in rows)


def test_every_message_leaves_with_its_document_and_is_written_down(organization, settings):
    """S1-01, S1-18: sent, recorded with code and queue id, documents marked, mailing finished."""
    with RecordingSmtpServer() as server:
        mailing = make_registered(
            settings, customers=4, account=make_mail_account(smtp_port=server.port)
        )
        deliver(settings, mailing)

    attempts = db.session.scalars(select(DeliveryAttempt)).all()
    assert mailing.state == "finished"
    assert len(server.accepted) == 4
    assert {(a.outcome, a.smtp_code, a.n) for a in attempts} == {("ok", 250, 1)}
    assert all(attempt.queue_id for attempt in attempts)
    assert all(invoice.first_sent_at for invoice in db.session.scalars(select(Invoice)))
    assert all(verify_mailing(mailing).values())


def test_an_address_that_bounces_is_left_out_of_the_next_mailing(organization, settings):
    """X1-09: 550 5.1.1 at RCPT marks the address and suppresses it."""
    options = ServerOptions(rules=[Rule(point="rcpt", reply="550 5.1.1 no such user", nth=1)])
    with RecordingSmtpServer(options) as server:
        mailing = make_registered(
            settings, customers=3, account=make_mail_account(smtp_port=server.port, connections=1)
        )
        deliver(settings, mailing)

    bounced = db.session.scalars(
        select(ContactEmail).where(ContactEmail.state == AddressState.BOUNCED)
    ).one()
    suppressed = db.session.scalars(select(Suppression)).one()
    assert mailing.state == "finished_with_errors"
    assert states(mailing) == ["failed", "sent", "sent"]
    assert suppressed.address_norm == bounced.address_norm
    assert bounced.last_failure_code == "550 5.1.1"
    again = preview(Choice(ranges=[MailingRange(series="FV")]))
    assert again.excluded == {"bounced_before": 1}


def test_a_refusal_by_policy_is_no_bounce(organization, settings):
    options = ServerOptions(rules=[Rule(point="rcpt", reply="550 5.7.1 policy", nth=1)])
    with RecordingSmtpServer(options) as server:
        mailing = make_registered(
            settings, customers=2, account=make_mail_account(smtp_port=server.port, connections=1)
        )
        deliver(settings, mailing)

    assert states(mailing) == ["failed", "sent"]
    assert db.session.scalars(select(Suppression)).all() == []


def test_who_is_suppressed_after_register_gets_nothing(organization, settings):
    """Pains B-10: the list is read at register and again at sending."""
    with RecordingSmtpServer() as server:
        mailing = make_registered(
            settings, customers=3, account=make_mail_account(smtp_port=server.port)
        )
        address = db.session.scalars(select(Delivery.recipient_norm).limit(1)).one()
        db.session.add(Suppression(address_norm=address))
        db.session.commit()
        deliver(settings, mailing)

    assert states(mailing) == ["sent", "sent", "skipped"]
    assert address not in {message.recipients[0] for message in server.accepted}


def test_a_foreign_document_does_not_leave(organization, settings, emptied):
    """Pains B-6: the sender looks again, even past the triggers of the database."""
    with RecordingSmtpServer() as server:
        mailing = make_registered(
            settings, customers=2, account=make_mail_account(smtp_port=server.port)
        )
        first, second = db.session.scalars(select(Invoice.id).order_by(Invoice.id)).all()
        db.session.rollback()
        emptied.execute(
            "UPDATE delivery_document SET document_id = %s WHERE document_id = %s", (first, second)
        )
        deliver(settings, mailing)

    assert states(mailing) == ["failed", "sent"]
    assert len(server.accepted) == 1


def test_a_wrong_password_is_tried_once_by_all_lines_together(organization, settings):
    """F9: providers lock accounts that keep trying."""
    with RecordingSmtpServer(ServerOptions(login="a", password="right")) as server:
        account = make_mail_account(
            smtp_port=server.port, connections=4, login="a", password="wrong"
        )
        mailing = make_ready_mailing(settings, 30, account)
        start(mailing.id)
        db.session.commit()
        make_dispatch(settings).work()

        assert len([c for c in server.commands if c.startswith("AUTH")]) == 1
    db.session.rollback()
    account = db.session.get_one(MailAccount, account.id, populate_existing=True)
    assert account.paused_reason == "auth_failed"
    assert states(mailing) == ["queued"] * 30


@pytest.mark.parametrize("per", ["per_second", "per_minute"])
def test_limits_of_the_account_hold_over_a_restart(organization, settings, per):
    """X1-03: what a former process has sent counts in the windows of the next."""
    with RecordingSmtpServer() as server:
        account = make_mail_account(smtp_port=server.port, connections=4, **{per: 7})
        mailing = make_ready_mailing(settings, 20, account)
        start(mailing.id)
        db.session.commit()
        for _ in range(3):
            make_dispatch(settings).work(stays=lambda: True, seconds=1.2)

    moments = sorted(message.at for message in server.accepted)
    window = 1.0 if per == "per_second" else 60.0
    for moment in moments:
        assert len([m for m in moments if moment <= m < moment + window]) <= 7
    assert len(moments) == (20 if per == "per_second" else 7)


def test_many_accounts_share_one_process(organization, settings):
    with RecordingSmtpServer() as server:
        mailings = [
            make_ready_mailing(
                settings, 3, make_mail_account(smtp_port=server.port), attachment=b"%PDF-1.7 x"
            )
            for _ in range(12)
        ]
        for mailing in mailings:
            start(mailing.id)
        db.session.commit()
        make_dispatch(settings, most_accounts=5).work(stays=is_under_way, seconds=40)
        db.session.rollback()

        assert len(server.accepted) == 36
        for mailing in mailings:
            db.session.refresh(mailing)
            assert mailing.state == "finished"
