"""What comes back becomes a fact of its delivery; only what cannot be forged has consequences (X1-08)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message import Message
from models.mailings.delivery import Delivery, DeliveryState, DeliveryStatus
from models.mailings.delivery_copy import CopyRole, CopyState, DeliveryCopy
from models.mailings.delivery_report import DeliveryReport, ReportGrade
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.reason import ReasonCode
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail
from models.tenancy import acting_in
from services.mailbox.examining import examine_messages
from services.mailings import row_sums
from services.mailings.audience import Choice, preview
from services.mailings.explained_case import case_of_delivery
from services.mailings.explained_cause import Verdict, cause_of
from services.mailings.explained_step import StepKind
from services.mailings.explained_steps import answers_of, steps_of
from services.mailings.overview import overviews_of
from services.mailings.progress import progress_of
from services.mailings.recipient_counts import count_recipients
from services.mailings.recipient_views import Outcome, Wanted
from services.mailings.recipients import recipients_of
from services.mailings.suppressions import free_address
from tests.factories.bounces import (
    make_exim_bounce,
    make_qmail_bounce,
    make_report,
    returned_head,
)
from tests.factories.mailbox import NOON, make_folder, make_mailbox, receive
from tests.factories.mailings import make_registered
from tests.factories.people import make_contact, make_customer, make_organization

COPIED = "copia@example.com"


@pytest.fixture
def mailing(organization, settings):
    """Sent to two customers, an hour before anything comes back."""
    mailing = make_registered(settings, customers=2, account=make_mailbox())
    db.session.execute(
        update(DeliveryState)
        .values(state=DeliveryStatus.SENT, sent_at=NOON - timedelta(hours=1))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return mailing


@pytest.fixture
def delivery(mailing):
    return db.session.scalars(select(Delivery).order_by(Delivery.id).limit(1)).one()


@pytest.fixture
def inbox(mailing):
    return make_folder(mailing.account)


def comes_back(inbox, raw):
    receive(inbox, raw)
    db.session.commit()
    examine_messages()
    db.session.expire_all()


def report_of(delivery, **how):
    return make_report(delivery.recipient, returned=returned_head(delivery), **how)


def state_of(delivery):
    return db.session.get_one(DeliveryState, delivery.id, populate_existing=True)


def address_of(delivery):
    return db.session.scalars(ContactEmail.at(delivery.recipient_norm)).one()


def reports():
    return db.session.scalars(select(DeliveryReport)).all()


@pytest.mark.parametrize(
    "write",
    [
        lambda to, head: make_report(to, returned=head),
        lambda to, head: make_qmail_bounce(to, returned=head),
        lambda to, head: make_exim_bounce(to, "550 5.1.1 no such user", returned=head),
    ],
    ids=["by the standard", "qmail", "exim"],
)
def test_an_address_that_does_not_exist_is_marked(mailing, delivery, inbox, write):
    """X1-08: the row has bounced, the contact's address is marked, and the next mailing leaves it out with the reason."""
    comes_back(inbox, write(delivery.recipient, returned_head(delivery)))

    state, address = state_of(delivery), address_of(delivery)
    suppressed = db.session.scalars(select(Suppression)).one()
    assert (state.state, state.reason_code) == ("sent", ReasonCode.RECIPIENT_REJECTED)
    assert state.bounced_at == NOON
    assert address.state is AddressState.BOUNCED
    assert "5.1.1" in address.last_failure_code
    assert suppressed.address_norm == delivery.recipient_norm
    assert suppressed.source_delivery_id == delivery.id
    again = preview(Choice(ranges=[MailingRange(series="FV")]))
    assert again.excluded == {"bounced_before": 1}


def test_why_they_have_not_received_it(mailing, delivery, inbox):
    """X1-08, X1-05: the list and the answer say that it came back, in the server's words."""
    comes_back(inbox, report_of(delivery))

    db.session.refresh(mailing)
    [line] = recipients_of(mailing, Wanted(Outcome.NOT_RECEIVED)).rows
    case = case_of_delivery(mailing, delivery)
    cause = cause_of(case)
    assert line.address == delivery.recipient
    assert line.bounced_at == NOON
    assert (cause.verdict, cause.reason) == (Verdict.FAILED, ReasonCode.RECIPIENT_REJECTED)
    assert "550 5.1.1 User unknown" in cause.detail
    assert "550 5.1.1 User unknown" in answers_of(case)
    assert [step.at for step in steps_of(case) if step.kind is StepKind.CAME_BACK] == [NOON]


def test_a_mailing_that_has_ended_counts_what_came_back(mailing, delivery, inbox, monkeypatch):
    """X1-08: the sums that were kept are counted again; it is a view of the list, and no longer *the others got it*."""
    monkeypatch.setattr(row_sums, "WORTH_KEEPING", 1)
    before = progress_of(mailing), overviews_of([mailing])[mailing.id]
    comes_back(inbox, report_of(delivery))

    db.session.refresh(mailing)
    progress, counts = progress_of(mailing), count_recipients(mailing)
    assert [each.tally.came_back for each in before] == [0, 0]
    assert (progress.tally.sent, progress.tally.came_back) == (2, 1)
    assert overviews_of([mailing])[mailing.id].tally.came_back == 1
    assert [(each.reason, each.came_back, each.count) for each in progress.troubles] == [
        (ReasonCode.RECIPIENT_REJECTED, True, 1)
    ]
    assert counts.views[Outcome.CAME_BACK] == counts.views[Outcome.NOT_RECEIVED] == 1
    [line] = recipients_of(mailing, Wanted(Outcome.CAME_BACK)).rows
    assert line.address == delivery.recipient


@pytest.mark.parametrize(
    ("status", "diagnostic", "reason"),
    [
        ("5.2.2", "smtp; 552 5.2.2 Mailbox full", ReasonCode.QUOTA),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam", ReasonCode.CONTENT_REJECTED),
        ("5.3.4", "smtp; 552 5.3.4 too big", ReasonCode.OVER_SIZE),
        ("4.4.1", "smtp; no answer from host", ReasonCode.CONNECT_FAILED),
    ],
)
def test_a_soft_bounce_is_noted_and_marks_nobody(delivery, inbox, status, diagnostic, reason):
    comes_back(inbox, report_of(delivery, status=status, diagnostic=diagnostic))

    state = state_of(delivery)
    assert (state.reason_code, state.bounced_at) == (reason, NOON)
    assert address_of(delivery).state is AddressState.OK
    assert db.session.scalars(select(Suppression)).all() == []


def test_what_is_only_delayed_changes_nothing(mailing, delivery, inbox):
    comes_back(inbox, report_of(delivery, status="4.4.1", action="delayed"))

    state = state_of(delivery)
    [step] = [
        each
        for each in steps_of(case_of_delivery(mailing, delivery))
        if each.kind is StepKind.CAME_BACK
    ]
    assert [each.grade for each in reports()] == [ReportGrade.DELAYED]
    assert (state.state, state.reason_code, state.bounced_at) == ("sent", None, None)
    assert not step.is_wrong


def test_a_doubt_ends_when_it_comes_back(delivery, inbox):
    """It did leave, and did not arrive."""
    db.session.execute(
        update(DeliveryState)
        .values(state=DeliveryStatus.UNCONFIRMED, reason_code=ReasonCode.CRASH_IN_DATA)
        .execution_options(synchronize_session=False)
    )
    comes_back(inbox, report_of(delivery))

    state = state_of(delivery)
    assert (state.state, state.reason_code) == ("failed", ReasonCode.RECIPIENT_REJECTED)


def test_twice_does_no_harm(mailing, delivery, inbox):
    """The same report in two folders, and looked at again after a person has freed the address."""
    raw = report_of(delivery)
    comes_back(inbox, raw)
    assert free_address(delivery.recipient_norm) == 1
    comes_back(make_folder(mailing.account, FolderRole.JUNK), raw)
    db.session.execute(update(Message).values(is_to_examine=True))
    db.session.commit()
    assert examine_messages() == 1

    assert len(reports()) == 1
    assert address_of(delivery).state is AddressState.OK


def test_a_mailing_that_was_counted_is_counted_again(mailing, delivery, inbox):
    """N-01: what has ended is kept as counted until its mailing has another version."""
    before = mailing.version
    comes_back(inbox, report_of(delivery))

    assert db.session.get_one(Mailing, mailing.id, populate_existing=True).version > before


def test_of_several_recipients_the_others_have_it(mailing, delivery, inbox):
    for n, address in enumerate((delivery.recipient_norm, COPIED)):
        db.session.add(
            DeliveryCopy(
                delivery_id=delivery.id,
                n=n,
                role=CopyRole.TO,
                address=address,
                address_norm=address,
                state=CopyState.ACCEPTED,
            )
        )
    make_contact(make_customer(), email=COPIED)
    comes_back(inbox, make_report(COPIED, returned=returned_head(delivery)))

    state = state_of(delivery)
    case = case_of_delivery(mailing, delivery)
    assert (state.reason_code, state.bounced_at) == (ReasonCode.RECIPIENT_REJECTED, None)
    assert case.missed is not None
    assert case.missed.address == COPIED
    assert address_of(delivery).state is AddressState.OK
    assert db.session.scalars(ContactEmail.at(COPIED)).one().state is AddressState.BOUNCED


def test_somebody_with_a_copy_does_not_make_it_bounce(delivery, inbox):
    db.session.add(
        DeliveryCopy(
            delivery_id=delivery.id,
            n=1,
            role=CopyRole.BCC,
            address=COPIED,
            address_norm=COPIED,
            state=CopyState.ACCEPTED,
        )
    )
    comes_back(inbox, make_report(COPIED, returned=returned_head(delivery)))

    state = state_of(delivery)
    copy = db.session.scalars(select(DeliveryCopy)).one()
    assert (state.reason_code, state.bounced_at) == (None, None)
    assert (copy.state, copy.bounced_at) == (CopyState.REFUSED, NOON)


def nothing_follows(delivery):
    state = state_of(delivery)
    assert (state.state, state.reason_code, state.bounced_at) == ("sent", None, None)
    assert {each.state for each in db.session.scalars(select(ContactEmail))} == {AddressState.OK}
    assert db.session.scalars(select(Suppression)).all() == []


def test_whoever_does_not_know_the_message_cannot_take_an_address_off(mailing, delivery, inbox):
    """A forged report of somebody's address is shown with their newest message, and changes nothing."""
    comes_back(inbox, make_report(delivery.recipient))

    [report] = reports()
    [step] = [
        each
        for each in steps_of(case_of_delivery(mailing, delivery))
        if each.kind is StepKind.CAME_BACK
    ]
    assert (report.delivery_id, report.is_certain) == (delivery.id, False)
    assert not step.is_wrong
    nothing_follows(delivery)


def test_a_recipient_cannot_take_off_somebody_else(delivery, inbox):
    """Whoever knows one message can say nothing about another one's address."""
    other = db.session.scalars(select(Delivery).order_by(Delivery.id.desc()).limit(1)).one()
    comes_back(inbox, make_report(other.recipient, returned=returned_head(delivery)))

    assert not any(each.is_certain for each in reports())
    nothing_follows(delivery)
    nothing_follows(other)


def test_another_organizations_mailbox_cannot_report(delivery):
    """The report has to come to the organization that has sent the message."""
    raw = report_of(delivery)
    with acting_in(make_organization().id):
        comes_back(make_folder(make_mailbox()), raw)
        assert db.session.scalar(select(func.count(DeliveryReport.id))) == 0

    nothing_follows(delivery)


@pytest.mark.parametrize("days", [8, -1])
def test_without_a_name_only_these_days_count(delivery, inbox, days):
    db.session.execute(
        update(DeliveryState)
        .values(sent_at=NOON - timedelta(days=days))
        .execution_options(synchronize_session=False)
    )
    comes_back(inbox, make_report(delivery.recipient))

    assert reports() == []
