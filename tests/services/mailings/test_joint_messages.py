"""One message to several: what is said when the server takes it for some of them only (X1-04, X1-05, X1-09, X1-10)."""

import pytest
from sqlalchemy import delete, select

from errors import Conflict
from models.base import db
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import DeliveryCopy
from models.mailings.mailing import MailingRange, OneMailPer
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from services.mailings.explained_case import case_of_delivery
from services.mailings.explained_cause import Verdict, cause_of
from services.mailings.flow import cancel, start, stop
from services.mailings.late import send_to_contact
from services.mailings.recipient_counts import count_recipients
from services.mailings.recipient_views import Outcome, Wanted
from services.mailings.recipients import recipients_of
from services.mailings.register import register_mailing
from services.mailings.retry import resend, retriable, retry_failed
from services.mailings.verify import verify_mailing
from services.people.contacts import correct_address
from services.sales.pdf import Workshop
from tests.factories.mailings import make_draft
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

EVERYBODY = ["ana@a.test", "bea@a.test", "cris@a.test"]
GONE = "550 5.1.1 no such user"
FULL = "452 4.2.2 mailbox full"


@pytest.fixture
def customer(organization):
    customer = make_customer()
    make_document(customer)
    for place, address in enumerate(EVERYBODY):
        make_contact(customer, email=address, is_primary=place == 0)
    return customer


@pytest.fixture
def server(request):
    """Takes everything, until a test gives it rules."""
    with RecordingSmtpServer(ServerOptions(has_pipelining=getattr(request, "param", True))) as one:
        yield one


@pytest.fixture
def shop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)


@pytest.fixture
def mailing(customer, server, shop):
    """Registered: one message to Ana, Bea and Cris together."""
    mailing = make_draft(
        account=make_mail_account(smtp_port=server.port, connections=1),
        ranges=[MailingRange(series="FV")],
        one_mail_per=OneMailPer.CUSTOMER,
    )
    register_mailing(mailing, shop)
    return mailing


def refuse(server, address, reply=GONE, **how):
    server.options.rules.append(Rule(point="rcpt", reply=reply, recipient=address, **how))


def send(mailing, settings):
    start(mailing.id)
    deliver(mailing, settings)


def deliver(mailing, settings):
    db.session.commit()
    make_dispatch(settings).work(stays=is_under_way, seconds=40)
    db.session.rollback()
    db.session.expire_all()


def the_delivery():
    return db.session.scalars(select(Delivery).order_by(Delivery.id).limit(1)).one()


def state_now():
    return db.session.get_one(DeliveryState, the_delivery().id, populate_existing=True)


def copies_now():
    rows = db.session.scalars(select(DeliveryCopy).order_by(DeliveryCopy.n))
    return {row.address: row.state.value for row in rows}


def envelopes(server):
    return [message.recipients for message in server.accepted]


@pytest.mark.parametrize("server", [True, False], indirect=True, ids=["pipelined", "one by one"])
@pytest.mark.parametrize("refused", EVERYBODY)
def test_whoever_is_refused_is_named_and_the_others_have_it(mailing, server, settings, refused):
    """The row was sent, says to whom not and why, and the mailing has not ended without errors."""
    refuse(server, refused)
    send(mailing, settings)
    state, others = state_now(), [each for each in EVERYBODY if each != refused]
    (line,) = recipients_of(mailing, Wanted(Outcome.NOT_RECEIVED)).rows
    cause = cause_of(case_of_delivery(mailing, the_delivery()))
    bounced = db.session.scalars(ContactEmail.at(refused)).one()

    assert envelopes(server) == [others]
    assert (state.state, state.reason_code) == ("sent", "recipient_rejected")
    assert state.reason_detail == f"{refused}: {GONE}"
    assert copies_now() == {**dict.fromkeys(EVERYBODY, "accepted"), refused: "refused"}
    assert mailing.state == "finished_with_errors"
    assert line.missed == (refused,)
    assert count_recipients(mailing).reasons == {ReasonCode.RECIPIENT_REJECTED: 1}
    assert (cause.verdict, cause.reason) == (Verdict.FAILED, "recipient_rejected")
    assert refused in cause.detail and all(each in cause.detail for each in others)
    assert db.session.scalars(select(Suppression.address_norm)).all() == [refused]
    assert bounced.state is AddressState.BOUNCED
    assert all(verify_mailing(mailing).values())


@pytest.mark.parametrize("refused", EVERYBODY)
def test_it_is_tried_again_for_the_refused_one_only(mailing, server, settings, refused):
    """X1-10: never again to those who have it; then nothing is missing any more."""
    refuse(server, refused, times=1)
    send(mailing, settings)
    with pytest.raises(Conflict, match=refused):
        resend(the_delivery(), seen=DeliveryStatus.SENT, why="It exists")
    db.session.execute(delete(Suppression))
    resend(the_delivery(), seen=DeliveryStatus.SENT, why="It exists")
    deliver(mailing, settings)

    assert envelopes(server)[1:] == [[refused]]
    assert (state_now().state, state_now().reason_code) == ("sent", None)
    assert set(copies_now().values()) == {"accepted"}
    assert mailing.state == "finished"
    assert all(verify_mailing(mailing).values())


def test_who_is_refused_again_does_not_unsend_it_for_the_others(mailing, server, settings):
    refuse(server, "ana@a.test")
    send(mailing, settings)
    first = state_now().sent_at
    db.session.execute(delete(Suppression))
    resend(the_delivery(), seen=DeliveryStatus.SENT, why="Once more")
    deliver(mailing, settings)

    assert envelopes(server) == [["bea@a.test", "cris@a.test"]]
    assert (state_now().state, state_now().reason_code) == ("sent", "recipient_rejected")
    assert state_now().sent_at == first
    assert copies_now()["ana@a.test"] == "refused"
    assert mailing.state == "finished_with_errors"
    assert all(verify_mailing(mailing).values())


def test_who_is_refused_for_now_keeps_it_waiting_for_all(mailing, server, settings):
    """Greylisting at one of them: it goes to all at once, a little later, and once."""
    refuse(server, "bea@a.test", "450 4.2.0 greylisted", times=1)
    send(mailing, settings)

    assert envelopes(server) == [EVERYBODY]
    assert (state_now().state, state_now().reason_code) == ("sent", None)
    assert mailing.state == "finished"


def test_a_full_mailbox_does_not_keep_it_from_the_others_for_ever(mailing, server, settings):
    """After three tries it goes without; what time may help is tried again for that one."""
    refuse(server, "bea@a.test", FULL, times=3)
    send(mailing, settings)

    assert envelopes(server) == [["ana@a.test", "cris@a.test"]]
    assert (state_now().state, state_now().reason_code) == ("sent", "quota")
    assert retriable(mailing.id) == {ReasonCode.QUOTA: 1}

    retry_failed(mailing)
    deliver(mailing, settings)

    assert envelopes(server)[1:] == [["bea@a.test"]]
    assert (state_now().state, state_now().reason_code) == ("sent", None)
    assert mailing.state == "finished"
    assert all(verify_mailing(mailing).values())


def test_all_refused_have_failed(mailing, server, settings):
    refuse(server, "a.test")
    send(mailing, settings)

    assert envelopes(server) == []
    assert (state_now().state, state_now().reason_code) == ("failed", "recipient_rejected")
    assert set(copies_now().values()) == {"refused"}
    assert sorted(db.session.scalars(select(Suppression.address_norm))) == EVERYBODY


@pytest.mark.parametrize("held", EVERYBODY)
def test_who_is_suppressed_meanwhile_is_left_out_and_named(mailing, server, settings, held):
    """Pains B-10: also if it is the first one, and then the others have it all the same."""
    db.session.add(Suppression(address_norm=held))
    send(mailing, settings)

    assert envelopes(server) == [[each for each in EVERYBODY if each != held]]
    assert (state_now().state, state_now().reason_code) == ("sent", "suppressed")
    assert state_now().reason_detail == held
    assert copies_now()[held] == "left_out"
    assert mailing.state == "finished_with_errors"


def test_a_corrected_address_gets_its_own_and_the_old_message_is_whole(
    mailing, server, settings, shop
):
    """N-01: the cure sends to the new address alone."""
    refuse(server, "bea@a.test")
    send(mailing, settings)
    case = case_of_delivery(mailing, the_delivery())
    correct_address(case.contact, "bea@a.test", "beatriz@a.test")
    send_to_contact(
        *(mailing, the_delivery(), case.contact.id, shop),
        seen=DeliveryStatus.SENT,
        missed=case.missed,
    )
    deliver(mailing, settings)

    assert case.contact.name and case.address == "bea@a.test"
    assert envelopes(server)[1:] == [["beatriz@a.test"]]
    assert (state_now().state, state_now().reason_code) == ("sent", "manual")
    assert copies_now()["bea@a.test"] == "replaced"
    assert mailing.state == "finished"
    assert all(verify_mailing(mailing).values())


def test_a_cancelled_retry_leaves_it_sent_to_the_others(mailing, server, settings):
    refuse(server, "bea@a.test", FULL, times=3)
    send(mailing, settings)
    retry_failed(mailing)
    stop(mailing.id)
    db.session.commit()
    make_dispatch(settings).end_left_behind()
    db.session.rollback()
    cancel(mailing.id)
    db.session.commit()

    assert (state_now().state, state_now().reason_code) == ("sent", "cancelled")
    assert copies_now()["bea@a.test"] == "left_out"
    assert copies_now()["ana@a.test"] == "accepted"
