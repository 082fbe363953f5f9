"""Jobs ring; the rows are the queue."""

from jobs.mailings import deliver_due, register
from jobs.timetable import TIMETABLE
from models.base import db
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.mailing_state import MailingState
from services.mailings.flow import start
from services.mailings.registration import ask_to_register
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_draft
from tests.factories.people import make_mail_account
from tests.servers.smtp_server import RecordingSmtpServer


def test_the_bell_may_ring_often_and_for_nothing(organization, settings):
    """F11: a job that has nothing to do ends at once; the clock rings whatever happens to Valkey."""
    deliver_due()
    with RecordingSmtpServer() as server:
        mailing = make_ready_mailing(settings, 5, make_mail_account(smtp_port=server.port))
        start(mailing.id)
        db.session.commit()
        deliver_due()
        deliver_due()

        assert len(server.accepted) == 5
    db.session.refresh(mailing)
    assert mailing.state is MailingState.FINISHED
    assert deliver_due in [job for _every, job in TIMETABLE]


def test_a_mailing_is_registered_in_the_background(organization):
    mailing = make_draft(customers=2)
    ask_to_register(mailing)
    db.session.commit()

    register(mailing.id)

    db.session.refresh(mailing)
    assert mailing.state is MailingState.REGISTERED
    assert mailing.planned_count == 2


def test_what_went_wrong_in_the_background_is_written_at_the_mailing(organization):
    mailing = make_draft(ranges=[MailingRange(series="NONE")])
    ask_to_register(mailing)
    db.session.commit()

    register(mailing.id)
    register(mailing.id + 1)

    found = db.session.get_one(Mailing, mailing.id, populate_existing=True)
    assert found.state is MailingState.DRAFT
    assert found.register_error
