"""What needs attention today."""

from datetime import date, timedelta

import pytest

from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing, OneMailPer
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.sales.document_state import DocumentState
from models.system.file import File
from models.system.import_run import ImportRun, ImportState
from models.tenancy import acting_in
from services.mailbox.account_states import Standing
from services.people.access import ALL_RIGHTS, NO_RIGHTS, Rights
from services.system.today import Today, today_of
from tests.factories.people import make_customer, make_mail_account, make_organization
from tests.factories.sales import make_document
from tests.factories.saving import numbers, saved


def today(organization: Organization) -> Today:
    db.session.flush()
    return today_of(organization, ALL_RIGHTS)


def make_mailing(state: MailingState, *statuses: DeliveryStatus, **fields: object) -> Mailing:
    """A mailing with one delivery for each status."""
    account = make_mail_account()
    mailing = saved(
        Mailing(
            number=next(numbers),
            title="July",
            state=state,
            account_id=account.id,
            one_mail_per=OneMailPer.CUSTOMER,
            subject="July",
            body_html="",
            lang="es",
            **fields,
        )
    )
    for status in statuses:
        delivery = saved(
            Delivery(
                mailing_id=mailing.id,
                kind=DeliveryKind.BULK,
                account_id=account.id,
                idempotency_key=str(next(numbers)),
                envelope_from="a@example.com",
                recipient="b@example.com",
                recipient_norm="b@example.com",
                subject="July",
                message_id_header=f"<{next(numbers)}@example.com>",
                size_bytes=1,
            )
        )
        saved(
            DeliveryState(
                delivery_id=delivery.id,
                mailing_id=mailing.id,
                account_id=account.id,
                state=status,
                sent_at=utc_now() if status is DeliveryStatus.SENT else None,
                reason_code=ReasonCode.MANUAL,
            )
        )
    return mailing


def test_a_running_mailing_tells_how_far_it_is(organization: Organization) -> None:
    status = DeliveryStatus
    make_mailing(MailingState.SENDING, status.SENT, status.SENT, status.FAILED, status.QUEUED)

    [found] = today(organization).mailings

    assert (found.is_running, found.total, found.done, found.failed) == (True, 4, 3, 1)


def test_a_mailing_with_errors_is_remembered_for_two_weeks(organization: Organization) -> None:
    ended = MailingState.FINISHED_WITH_ERRORS
    recent = make_mailing(
        ended, DeliveryStatus.UNCONFIRMED, finished_at=utc_now() - timedelta(days=13)
    )
    make_mailing(ended, DeliveryStatus.FAILED, finished_at=utc_now() - timedelta(days=15))
    make_mailing(MailingState.FINISHED, DeliveryStatus.SENT, finished_at=utc_now())

    [found] = today(organization).mailings

    assert (found.mailing, found.unconfirmed, found.is_running) == (recent, 1, False)


def test_a_registered_mailing_waits_for_somebody(organization: Organization) -> None:
    make_mailing(MailingState.REGISTERED, DeliveryStatus.PREPARED)

    [found] = today(organization).mailings

    assert (found.is_waiting, found.is_running, found.total) == (True, False, 1)


def test_the_latest_mailings_that_are_over_are_told(organization: Organization) -> None:
    make_mailing(MailingState.SENDING, DeliveryStatus.QUEUED)
    over = [make_mailing(MailingState.FINISHED, DeliveryStatus.SENT) for _number in range(4)]

    found = today(organization).latest

    assert [one.mailing for one in found] == over[:0:-1]


def test_posted_invoices_of_the_last_days_that_nobody_sent(organization: Organization) -> None:
    customer = make_customer()
    recent = date.today() - timedelta(days=3)  # noqa: DTZ011
    make_document(customer, issue_date=recent)
    make_document(customer, issue_date=recent, first_sent_at=utc_now())
    make_document(customer, issue_date=recent, state=DocumentState.DRAFT)
    make_document(customer, issue_date=recent - timedelta(days=90))

    assert today(organization).unsent_invoices == 1


def test_accounts_with_trouble_come_first(organization: Organization) -> None:
    make_mail_account(address="a@example.com")
    paused = make_mail_account(address="z@example.com")
    paused.paused_reason = "auth_failed"
    make_mail_account(address="b@example.com", is_active=False)

    found = today(organization).accounts

    assert found[0].account is paused
    assert [(each.account.address, each.standing) for each in found] == [
        ("z@example.com", Standing.TROUBLED),
        ("a@example.com", Standing.UNTESTED),
    ]


def test_a_new_company_has_everything_before_it(organization: Organization) -> None:
    steps = today(organization).steps

    assert steps is not None
    assert (steps.has_account, steps.has_customers, steps.has_invoices, steps.has_mailing) == (
        False,
        False,
        False,
        False,
    )


def test_the_first_steps_go_away_when_they_are_done(organization: Organization) -> None:
    make_document(make_customer())
    make_mailing(MailingState.DRAFT)

    assert today(organization).steps is None


def test_a_role_sees_only_what_it_may_view(organization: Organization) -> None:
    make_document(make_customer(), due_date=date(2026, 1, 1))
    make_mailing(MailingState.SENDING, DeliveryStatus.FAILED)
    db.session.flush()

    nothing = today_of(organization, NO_RIGHTS)
    mailings_only = today_of(organization, Rights(frozenset({("mailing", "view", None)})))

    assert not any((nothing.ageing, nothing.mailings, nothing.accounts, nothing.imports))
    assert nothing.steps is None
    assert len(mailings_only.mailings) == 1
    assert not mailings_only.ageing


def test_another_company_is_not_looked_at(organization: Organization) -> None:
    other = make_organization()
    with acting_in(other.id):
        make_document(make_customer(), due_date=date(2026, 1, 1))
        make_mailing(MailingState.SENDING, DeliveryStatus.FAILED)
        db.session.flush()

    found = today(organization)

    assert not any((found.ageing, found.mailings, found.accounts, found.unsent_invoices))


@pytest.mark.parametrize(("zone", "differs"), [("Pacific/Kiritimati", 14), ("America/Bogota", -5)])
def test_the_day_is_that_of_the_company(
    organization: Organization, zone: str, differs: int
) -> None:
    organization.timezone = zone

    expected = (utc_now() + timedelta(hours=differs)).date()

    assert today(organization).day == expected


def test_a_running_import_is_shown(organization: Organization) -> None:
    file = saved(File(sha256="0" * 64, size_bytes=1, media_type="text/csv", name="a.csv"))
    running = saved(ImportRun(subject="customers", file_id=file.id, state=ImportState.IMPORTING))
    saved(ImportRun(subject="customers", file_id=file.id, state=ImportState.IMPORTED))

    assert today(organization).imports == [running]
