"""N-06: the whole mailing goes to a viewer of ours; it has everything, the account's server nothing."""

import hashlib

import pytest
from sqlalchemy import select, text

from errors import Conflict
from models.base import db
from models.mailings.delivery import DeliveryBody
from models.mailings.mailing import AttachMode
from models.mailings.rehearsal import RehearsalProblem, RehearsedMessage
from models.mailings.suppression import Suppression
from models.system.audit_event import AuditEvent
from services.mailings.flow import cancel, start
from services.mailings.rehearsal import (
    ask_to_rehearse,
    bytes_of,
    counts_of,
    neighbours,
    rehearsal_of,
    rehearsed_page,
)
from services.mailings.rehearsing import carry_out, left_behind
from services.sales.pdf import Workshop
from tests.factories.ledger import make_ready_mailing
from tests.factories.mailings import make_registered
from tests.factories.people import make_mail_account
from tests.factories.saving import saved
from tests.servers.smtp_server import RecordingSmtpServer

LEDGER = """
SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (
  SELECT 'state', s::text FROM delivery_state s UNION ALL SELECT 'attempt', a::text FROM delivery_attempt a
  UNION ALL SELECT 'copy', c::text FROM delivery_copy c UNION ALL SELECT 'document', d::text FROM document d
  UNION ALL SELECT 'account', m::text FROM mail_account m UNION ALL SELECT 'mailing', g::text FROM mailing g
  UNION ALL SELECT 'delivery', e::text FROM delivery e
) t
"""


@pytest.fixture
def workshop(settings):
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)


def ledger_digest():
    return db.session.scalar(text(LEDGER))


def rehearsed(mailing, workshop):
    """Ask, carry out, and what came of it."""
    asked = ask_to_rehearse(mailing)
    db.session.commit()
    carry_out(asked.id, workshop)
    db.session.expire_all()
    return rehearsal_of(mailing)


def messages(rehearsal):
    query = select(RehearsedMessage).where(RehearsedMessage.rehearsal_id == rehearsal.id)
    return db.session.scalars(query.order_by(RehearsedMessage.delivery_id)).all()


def test_everything_arrives_and_nothing_leaves(organization, settings, workshop):
    """N-06: sink has all, SMTP none; ledger, limits, attempts and documents stay as they were."""
    with RecordingSmtpServer() as relay:
        account = make_mail_account(smtp_port=relay.port, per_minute=1)
        mailing = make_registered(settings, customers=5, account=account)
        before = ledger_digest()

        rehearsal = rehearsed(mailing, workshop)

        assert ledger_digest() == before
        assert relay.connections == 0
    counts = counts_of(rehearsal)
    assert (counts.tried, counts.arrived, counts.odd) == (5, 5, 0)
    assert rehearsal.finished_at and rehearsal.problem is None
    for message in messages(rehearsal):
        raw = bytes_of(message, workshop.store)
        assert hashlib.sha256(raw).hexdigest() == message.sha256
        assert len(raw) == message.size_bytes
        assert message.parts == db.session.get_one(DeliveryBody, message.delivery_id).parts


def test_links_and_copies_are_as_planned(organization, settings, workshop):
    mailing = make_registered(
        settings, customers=2, attach_mode=AttachMode.BOTH, cc=["jefe@example.com"]
    )

    rehearsal = rehearsed(mailing, workshop)

    assert [message.problem for message in messages(rehearsal)] == [None, None]


def test_what_is_wrong_is_said(organization, settings, workshop):
    """A wrong address in PUBLIC_BASE_URL, a part that is not the ledger's, an address that may not be written to."""
    mailing = make_registered(settings, customers=2, attach_mode=AttachMode.LINK)
    other = Workshop(files_url=workshop.files_url, base_url="https://elsewhere.example")

    found = [message.problem for message in messages(rehearsed(mailing, other))]
    assert found == [RehearsalProblem.WRONG_LINK] * 2

    saved(Suppression(address_norm=mailing_addresses(mailing)[0]))
    found = [message.problem for message in messages(rehearsed(mailing, workshop))]
    assert found == [RehearsalProblem.SUPPRESSED, None]

    large = make_ready_mailing(settings, 1, attachment=b"%PDF " + b"x" * 100_000)
    large.account.largest_message_bytes = 100_000
    db.session.commit()
    [message] = messages(rehearsed(large, workshop))
    assert message.problem is RehearsalProblem.OVER_SIZE and message.detail


def test_a_message_that_cannot_be_made_says_so(organization, settings, workshop):
    contents = iter([b"%PDF one", b"%PDF two", b"%PDF three"])
    mailing = make_ready_mailing(settings, 3, attachments=lambda: next(contents))
    first = db.session.scalars(select(DeliveryBody).order_by(DeliveryBody.delivery_id)).first()
    workshop.store.delete(first.parts[0])

    rehearsal = rehearsed(mailing, workshop)

    assert [message.problem for message in messages(rehearsal)] == [
        RehearsalProblem.NOT_ARRIVED,
        None,
        None,
    ]
    assert counts_of(rehearsal).arrived == 2
    assert [row.problem for row in rehearsed_page(rehearsal, is_odd=True).rows] == ["not_arrived"]


def test_it_goes_on_where_it_was_cut_off_and_may_be_repeated(organization, settings, workshop):
    mailing = make_ready_mailing(settings, 4)
    asked = ask_to_rehearse(mailing)
    db.session.commit()
    with pytest.raises(Conflict):
        ask_to_rehearse(mailing)
    db.session.rollback()
    carry_out(asked.id, workshop)
    last = messages(asked)[-1]
    db.session.delete(last)
    asked.finished_at = None
    db.session.execute(
        text("UPDATE mailing_rehearsal SET created_at = now() - interval '1 minute'")
    )
    db.session.commit()

    assert left_behind() == [asked.id]
    carry_out(asked.id, workshop)
    carry_out(asked.id, workshop)

    db.session.expire_all()
    assert counts_of(rehearsal_of(mailing)).tried == 4
    assert left_behind() == []
    again = rehearsed(mailing, workshop)
    assert again.id != asked.id and counts_of(again).arrived == 4
    events = db.session.scalars(select(AuditEvent.action).where(AuditEvent.entity == "mailing"))
    assert list(events).count("rehearsed") == 3


def test_only_what_waits_to_be_started_is_rehearsed(organization, settings, workshop):
    mailing = make_ready_mailing(settings, 2)
    asked = ask_to_rehearse(mailing)
    start(mailing.id)
    db.session.commit()
    carry_out(asked.id, workshop)

    db.session.expire_all()
    assert rehearsal_of(mailing).problem == "sending"
    assert counts_of(rehearsal_of(mailing)).tried == 0
    with pytest.raises(Conflict):
        ask_to_rehearse(mailing)
    other = make_ready_mailing(settings, 1)
    cancel(other.id)
    with pytest.raises(Conflict):
        ask_to_rehearse(other)


def test_pages_and_neighbours(organization, settings, workshop):
    mailing = make_ready_mailing(settings, 45)
    rehearsal = rehearsed(mailing, workshop)
    keys = [message.delivery_id for message in messages(rehearsal)]

    first = rehearsed_page(rehearsal)
    second = rehearsed_page(rehearsal, at=first.after)

    assert [row.delivery_id for row in (*first.rows, *second.rows)] == keys
    assert (first.before, second.before, second.after) == (None, keys[0], None)
    assert neighbours(rehearsal, keys[1]) == (keys[0], keys[2])
    assert neighbours(rehearsal, keys[0], is_odd=True) == (None, None)


def mailing_addresses(mailing):
    rows = db.session.execute(
        text("SELECT recipient_norm FROM delivery WHERE mailing_id = :m ORDER BY id"),
        {"m": mailing.id},
    )
    return [row[0] for row in rows]
