"""What users of comparable products complain about in bulk mailings: one test per row that has none elsewhere.

Rows B-1 and B-14 are in `test_retry.py` and `test_flow.py`, B-5 in `test_register.py`, `test_late.py`, `test_at_once.py`
and `faults/`, B-6 and B-10 in `test_dispatch.py` and `test_audience.py`.
"""

import threading
import time
from collections import Counter
from datetime import timedelta

from sqlalchemy import select, update

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryAttempt, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from models.sales.document import Document, Invoice
from models.tenancy import acting_in
from services.mailings.audience import Choice, preview
from services.mailings.customer_mails import mails_to
from services.mailings.explained_case import case_of
from services.mailings.explained_cause import Verdict, cause_of
from services.mailings.flow import schedule, start, stop
from services.mailings.ledger_record import RetryPlan
from services.mailings.reaper import start_scheduled
from services.mailings.recipients import every_recipient
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions


def work(settings, **plan):
    db.session.commit()
    make_dispatch(settings, **plan).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    db.session.expire_all()


def received(server):
    return Counter(message.recipients[0] for message in server.accepted)


def meanwhile(app, mailing, is_time, deed):
    """Somebody else does it at that moment, while the sender is at work; join it to know it is done."""
    place, key = mailing.organization_id, mailing.id

    def wait_and_do():
        deadline = time.monotonic() + 30
        while not is_time() and time.monotonic() < deadline:
            time.sleep(0.005)
        with app.app_context(), acting_in(place):
            deed(key)
            db.session.commit()
            db.session.remove()

    thread = threading.Thread(target=wait_and_do)
    thread.start()
    return thread


def test_after_a_pause_the_rest_goes_and_nobody_twice(app, organization, settings):
    """B-2: resume selects what is still queued; it does not begin anew."""
    slow = ServerOptions(rules=[Rule(point="mail", action="delay", seconds=0.05)])
    with RecordingSmtpServer(slow) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 12, account)
        start(mailing.id)
        db.session.commit()
        pause = meanwhile(app, mailing, lambda: len(server.accepted) >= 4, stop)
        work(settings)
        pause.join()
        before, paused = len(server.accepted), db.session.get(Mailing, mailing.id).state
        start(mailing.id)
        work(settings)

    assert paused is MailingState.STOPPED
    assert 4 <= before < 12
    assert Counter(received(server).values()) == {1: 12}
    assert mailing.state is MailingState.FINISHED


def test_everybody_can_be_asked_about(organization, settings):
    """B-3: who got it, who did not, and why; no customer of the range is without an answer."""
    for email in ("a@example.com", None):
        customer = make_customer()
        make_contact(customer, email=email)
        make_document(customer)
    outside = make_document(make_customer(), series="ZZ")
    mailing = make_registered(settings, ranges=[MailingRange(series="FV")])

    verdicts = {
        document.series + str(document.customer_id): cause_of(
            case_of(mailing, document.customer_id, document.id)
        ).verdict
        for document in db.session.scalars(select(Document))
    }

    assert Counter(verdicts.values()) == {
        Verdict.WAITING: 1,
        Verdict.EXCLUDED: 1,
        Verdict.OUTSIDE: 1,
    }
    assert verdicts["ZZ" + str(outside.customer_id)] is Verdict.OUTSIDE


def test_nothing_stays_sending_for_ever(organization, settings):
    """B-4: whose sender died is in doubt, visibly; the mailing comes to its end."""
    with RecordingSmtpServer() as server:
        mailing = make_ready_mailing(settings, 3, make_mail_account(smtp_port=server.port))
        start(mailing.id)
        first = db.session.scalars(select(DeliveryState).limit(1)).one()
        first.state, first.owner, first.attempt_count = DeliveryStatus.SENDING, "dead", 1
        first.data_at = utc_now() - timedelta(minutes=5)
        work(settings)

    counts = counts_of(mailing.id)
    assert (counts["sent"], counts["unconfirmed"], counts["sending"]) == (2, 1, 0)
    assert mailing.state is MailingState.FINISHED_WITH_ERRORS


def test_a_document_is_sent_only_if_a_server_took_it(organization, settings):
    """B-7: failed, skipped or without an address is not marked sent."""
    nobody = make_customer()
    make_contact(nobody, email=None)
    make_document(nobody)
    options = ServerOptions(rules=[Rule(point="rcpt", reply="550 5.1.1 no", nth=1)])
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        for _number in range(2):
            customer = make_customer()
            make_contact(customer)
            make_document(customer)
        mailing = make_registered(settings, account=account, ranges=[MailingRange(series="FV")])
        start(mailing.id)
        work(settings)

    marked = db.session.scalars(select(Invoice).where(Invoice.first_sent_at.is_not(None))).all()
    sent = select(Delivery.customer_id).join(
        DeliveryState, DeliveryState.delivery_id == Delivery.id
    )
    took = db.session.scalars(sent.where(DeliveryState.state == DeliveryStatus.SENT)).all()
    assert [invoice.customer_id for invoice in marked] == took
    assert len(took) == 1


def test_what_was_sent_stays_sent_when_the_server_refuses_half_way(app, organization, settings):
    """B-8: one short transaction per message: the first are on record while the next are still to go."""
    options = ServerOptions(
        rules=[
            Rule(point="rcpt", action="delay", seconds=1.5, nth=4),
            Rule(point="rcpt", reply="554 5.7.1 no more", nth=3),
        ]
    )
    seen = []
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_ready_mailing(settings, 5, account)
        start(mailing.id)
        db.session.commit()

        def look(key):
            time.sleep(1)
            seen.append(counts_of(key))

        halfway = meanwhile(app, mailing, lambda: options.rules[0].struck, look)
        work(settings)
        halfway.join()

    assert (seen[0]["sent"], seen[0]["failed"], len(seen)) == (2, 1, 1)
    counts = counts_of(mailing.id)
    assert (counts["sent"], counts["failed"]) == (4, 1)
    assert all(verify_mailing(mailing).values())


def test_a_server_that_says_not_now_is_asked_again(organization, settings):
    """B-9: 4xx is tried again later, with a visible reason meanwhile and every try on record."""
    options = ServerOptions(
        rules=[Rule(point="rcpt", reply="451 4.7.1 greylisted, try again", nth=1)]
    )
    with RecordingSmtpServer(options) as server:
        account = make_mail_account(smtp_port=server.port, connections=1)
        mailing = make_registered(settings, customers=2, account=account)
        start(mailing.id)
        db.session.commit()
        hour = RetryPlan(waits=(3600.0,))
        make_dispatch(settings, retries=hour).work(stays=lambda: not server.accepted, seconds=40)
        db.session.rollback()
        db.session.expire_all()
        query = select(DeliveryState).where(DeliveryState.state == DeliveryStatus.QUEUED)
        waits = db.session.scalars(query).one()
        wait = waits.not_before - utc_now()
        delivery = db.session.get_one(Delivery, waits.delivery_id)
        cause = cause_of(case_of(mailing, delivery.customer_id))
        meanwhile_state = mailing.state
        waits.not_before = utc_now()
        work(settings)

    assert timedelta(minutes=45) < wait < timedelta(minutes=75)  # a fifth more or less, by chance
    assert (cause.verdict, cause.reason) == (Verdict.WAITING, ReasonCode.THROTTLED)
    assert "más tarde" in cause.sentence
    assert meanwhile_state is MailingState.SENDING
    assert mailing.state is MailingState.FINISHED
    outcomes = db.session.scalars(select(DeliveryAttempt.outcome)).all()
    assert sorted(outcomes) == ["ok", "ok", "temp_fail"]


def test_the_list_shows_each_address_and_its_copies(organization, settings):
    """B-11: CC is not ignored in bulk; the list of third parties says who is written to, and so it is."""
    customer = make_customer()
    make_contact(customer, email="ana@a.test")
    make_document(customer)
    with RecordingSmtpServer() as server:
        mailing = make_registered(
            settings,
            account=make_mail_account(smtp_port=server.port),
            ranges=[MailingRange(series="FV")],
            cc=["gerencia@a.test"],
        )
        (line,) = every_recipient(mailing)
        listed = [line.address, *(each.address for each in line.copies)]
        start(mailing.id)
        work(settings)

    assert listed == ["ana@a.test", "gerencia@a.test"]
    assert [message.recipients for message in server.accepted] == [listed]


def test_each_exclusion_is_explained_before_anything_leaves(organization, settings):
    """B-12: no hidden settings: the numbers before registering name every reason."""
    for number, fields in enumerate(({"on_hold": True}, {}, {})):
        customer = make_customer(**fields)
        make_contact(customer, email=None if number == 1 else f"x{number}@example.com")
        make_document(customer)

    shown = preview(Choice(ranges=[MailingRange(series="FV")]))

    assert shown.excluded == {ReasonCode.ON_HOLD: 1, ReasonCode.NO_ADDRESS: 1}
    assert shown.messages == 1


def test_a_mailing_starts_by_itself(organization, settings):
    """B-13: scheduled once, instead of pressing send forty times."""
    with RecordingSmtpServer() as server:
        mailing = make_ready_mailing(settings, 40, make_mail_account(smtp_port=server.port))
        schedule(mailing.id, utc_now() + timedelta(hours=1))
        db.session.execute(update(Mailing).values(scheduled_at=utc_now()))
        db.session.commit()
        assert [start_scheduled(), start_scheduled()] == [1, 0]
        work(settings)

    assert len(server.accepted) == 40
    assert mails_to(_customer_of(mailing)).rows[0].state is DeliveryStatus.SENT


def _customer_of(mailing):
    key = select(Delivery.customer_id).where(Delivery.mailing_id == mailing.id).limit(1)
    return db.session.get_one(Customer, db.session.scalar(key))
