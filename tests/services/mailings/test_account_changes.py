"""The mail account changes in the middle of a mailing: nothing is lost, nothing is sent twice (pains E-3, X4-07)."""

import threading
import time

import pytest
from sqlalchemy import select, update

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing_state import MailingState
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from services.mailings.flow import resume_account, start
from services.mailings.status import counts_of
from services.mailings.verify import verify_mailing
from tests.factories.ledger import make_ready_mailing
from tests.factories.people import make_mail_account
from tests.servers.sender_process import is_under_way, make_dispatch
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

COUNT = 40
OLD, NEW = "the old password", "the new password"


@pytest.fixture
def server():
    """Knows one password; hangs up after every fifth message, so that lines are opened again and again."""
    options = ServerOptions(
        login="caja", password=OLD, rules=[Rule(point="replied", action="drop", every=5)]
    )
    with RecordingSmtpServer(options) as one:
        yield one


@pytest.fixture
def mailing(organization, settings, server):
    account = make_mail_account(
        smtp_port=server.port, login="caja", password=OLD, connections=2, per_second=10
    )
    mailing = make_ready_mailing(settings, COUNT, account)
    start(mailing.id)
    db.session.commit()
    return mailing


def account_now():
    db.session.rollback()
    return db.session.scalars(select(MailAccount).execution_options(populate_existing=True)).one()


def in_the_middle(server, deed):
    """Done once a quarter has been sent, while the rest is on its way."""

    def wait_and_do():
        deadline = time.monotonic() + 30
        while len(server.accepted) < COUNT // 4 and time.monotonic() < deadline:
            time.sleep(0.005)
        deed()

    thread = threading.Thread(target=wait_and_do)
    thread.start()
    return thread


def set_password(app, organization_id, password):
    with app.app_context(), acting_in(organization_id):
        account = db.session.scalars(select(MailAccount)).one()
        account.password = password
        db.session.commit()
        db.session.remove()


def is_waiting_for_person():
    return is_under_way() and account_now().paused_reason is None


def pauses():
    query = select(AuditEvent.action).where(AuditEvent.action == "pause")
    return len(db.session.scalars(query).all())


def assert_each_once(server, mailing):
    ids = [message.message_id for message in server.accepted]
    assert len(ids) == len(set(ids)) == COUNT
    assert counts_of(mailing.id)["sent"] == COUNT
    assert all(verify_mailing(mailing).values())


def test_a_changed_password_counts_from_the_next_connection_on(app, mailing, server, settings):
    """Nothing waits for a person, nothing is lost, nothing goes twice."""
    place = mailing.organization_id

    def change():
        set_password(app, place, NEW)
        server.options.password = NEW

    thread = in_the_middle(server, change)
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)
    thread.join()

    assert_each_once(server, mailing)
    assert pauses() == 0
    assert mailing.state is MailingState.FINISHED


def test_a_wrong_new_password_pauses_and_the_right_one_sends_exactly_the_rest(
    app, mailing, server, settings
):
    place = mailing.organization_id
    thread = in_the_middle(server, lambda: set_password(app, place, "mistyped"))
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)
    thread.join()
    sent = len(server.accepted)
    account = account_now()

    assert COUNT // 4 <= sent < COUNT
    assert (account.paused_reason, account.paused_until) == ("auth_failed", None)
    assert "535" in account.paused_detail
    assert pauses() == 1
    assert counts_of(mailing.id)["queued"] == COUNT - sent

    set_password(app, place, OLD)  # the account goes on by it
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)

    assert_each_once(server, mailing)
    assert mailing.state is MailingState.FINISHED


def test_a_login_put_right_elsewhere_goes_on_by_the_button(app, mailing, server, settings):
    """The provider had locked the account: nothing changes here, a person says go on."""
    server.options.password = NEW
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)
    assert account_now().paused_reason == "auth_failed"
    assert server.accepted == []

    server.options.password = OLD
    resume_account(account_now().id)
    db.session.commit()
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)

    assert_each_once(server, mailing)


def test_an_account_that_is_switched_off_sends_nothing_more_until_it_is_on(
    app, mailing, server, settings
):
    account_id, place = account_now().id, mailing.organization_id

    def switch(is_active):
        with app.app_context(), acting_in(place):
            db.session.execute(
                update(MailAccount).where(MailAccount.id == account_id).values(is_active=is_active)
            )
            db.session.commit()
            db.session.remove()

    thread = in_the_middle(server, lambda: switch(False))
    make_dispatch(settings).work(
        stays=lambda: is_under_way() and account_now().is_active, seconds=60
    )
    thread.join()
    sent = len(server.accepted)
    assert sent < COUNT
    assert mailing.state is MailingState.SENDING

    switch(True)
    make_dispatch(settings).work(stays=is_waiting_for_person, seconds=60)

    assert_each_once(server, mailing)
