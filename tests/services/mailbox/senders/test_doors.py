"""Whoever may not send finds every door closed, and leaves no row behind."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from errors import Invalid
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import current_scope
from services.mailbox.account_grants import Use, allow
from services.mailbox.senders import NotTheirAccount, accounts_to_send_as, may_send_as
from services.mailings.flow import schedule, start
from services.mailings.late import send_to_contact
from services.mailings.reaper import start_scheduled
from services.mailings.register import register_mailing
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend, retry_failed
from services.mailings.trial import write_test
from services.mailings.trial_copy import write_copy
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_mail_account, make_user
from tests.services.mailbox.senders.accounts import act_as, allow_all, own


def _shop(settings: Settings) -> Workshop:
    return Workshop(files_url=settings.files_url, base_url=settings.public_base_url)


def _first(mailing: Mailing) -> Delivery:
    return db.session.scalars(
        select(Delivery).where(Delivery.mailing_id == mailing.id).order_by(Delivery.id).limit(1)
    ).one()


def _leave(mailing: Mailing, status: DeliveryStatus) -> Delivery:
    delivery = _first(mailing)
    state = db.session.get_one(DeliveryState, delivery.id)
    state.state, state.reason_code = status, ReasonCode.QUOTA
    db.session.flush()
    return delivery


def _retry(mailing: Mailing, settings: Settings) -> int:
    _leave(mailing, DeliveryStatus.FAILED)
    return retry_failed(mailing)


DOORS: dict[str, Callable[[Mailing, Settings], object]] = {
    "test": lambda mailing, settings: write_test(mailing, "me@penalba.test", _shop(settings)),
    "copy": lambda mailing, settings: write_copy(mailing, _first(mailing), "me@penalba.test"),
    "start": lambda mailing, settings: start(mailing.id),
    "schedule": lambda mailing, settings: schedule(mailing.id, utc_now() + timedelta(days=1)),
    "retry": _retry,
    "late": lambda mailing, settings: send_to_contact(
        mailing, _first(mailing), None, _shop(settings), seen=DeliveryStatus.PREPARED
    ),
    "resend": lambda mailing, settings: resend(
        _leave(mailing, DeliveryStatus.FAILED), seen=DeliveryStatus.FAILED, why="asked for"
    ),
    "resolve": lambda mailing, settings: resolve_doubt(
        _leave(mailing, DeliveryStatus.UNCONFIRMED), Resolution.RESEND
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_withdrawn_right_closes_every_door(
    organization: Organization, settings: Settings, lucia: User, omar: User, door: str
) -> None:
    """X4-08, E-9: a registered mailing of whoever may not send as its account any more makes nothing leave."""
    account = make_mail_account()
    mailing = make_registered(settings, account=account)
    act_as(organization, omar)
    allow(account, lucia, Use.SEND)
    before = _rows()

    with pytest.raises(NotTheirAccount) as refused:
        DOORS[door](mailing, settings)

    assert account.address in refused.value.message
    assert _rows() == before
    allow(account, omar, Use.SEND)
    DOORS[door](mailing, settings)  # it was nothing but the right


WHOSE = ("mine", "another's", "nobody's", "shared")


@pytest.mark.parametrize("role", ["clerk", "administrator"])
def test_whoever_is_not_allowed_makes_no_row_by_any_door(
    organization: Organization, settings: Settings, lucia: User, role: str
) -> None:
    """X4-08, E-9: every combination of owner, rights and role, told by a rule of its own, through every door."""
    account = make_mail_account()
    mailing = make_registered(settings, account=account)
    me = make_user(organization, role=role)
    act_as(organization, me)
    for whose, mine, others in product(WHOSE, Use, (Use.NOTHING, Use.READ)):
        if (whose == "mine" and mine is not Use.NOTHING) or (
            whose == "another's" and others is Use.READ
        ):
            continue  # an owner is not named
        account.owner_id = {"mine": me.id, "another's": lucia.id}.get(whose)
        account.is_shared = whose == "shared"
        db.session.flush()
        allow_all(account, {me: mine, lucia: others})
        is_open = whose == "shared" and {mine, others} == {Use.NOTHING}
        manages = role == "administrator" and account.owner_id is None
        expected = whose == "mine" or mine in (Use.SEND, Use.BOTH) or is_open or manages
        assert may_send_as(account.id, me) is expected, (whose, mine, others)
        assert (account in accounts_to_send_as(me)) is expected
        if expected:
            continue
        before = _rows()
        for door in DOORS.values():
            with db.session.begin_nested() as step:
                with pytest.raises(NotTheirAccount):
                    door(mailing, settings)
                step.rollback()
            assert _rows() == before


def _rows() -> tuple[int, int]:
    """All deliveries, and those that may leave."""
    leaving = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING)
    return (
        db.session.scalar(select(func.count()).select_from(Delivery)) or 0,
        db.session.scalar(
            select(func.count()).select_from(DeliveryState).where(DeliveryState.state.in_(leaving))
        )
        or 0,
    )


def test_nothing_is_registered_with_an_account_of_another(
    organization: Organization, settings: Settings, lucia: User, omar: User
) -> None:
    """X4-08, E-9: at the field of the account, with a cure; no row is made."""
    draft = make_draft(account=own(lucia))
    act_as(organization, omar)

    with pytest.raises(Invalid) as refused:
        register_mailing(draft, _shop(settings))

    assert refused.value.field == "account_id" and draft.account.address in refused.value.message
    assert _rows() == (0, 0)
    act_as(organization, lucia)
    assert register_mailing(draft, _shop(settings)).messages == 2


def test_nobody_in_person_sends_as_a_person(
    organization: Organization, settings: Settings, lucia: User
) -> None:
    """X4-08: the command line writes for the organization, not for one of its people."""
    with pytest.raises(Invalid):
        register_mailing(make_draft(account=own(lucia)), _shop(settings))


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_time_starts_in_the_name_of_who_registered(
    organization: Organization, settings: Settings, lucia: User, omar: User, is_withdrawn: bool
) -> None:
    """X4-08: what was planned waits for a person if its sender was withdrawn meanwhile."""
    account = own(lucia)
    act_as(organization, lucia)
    mailing = make_registered(settings, account=account)
    schedule(mailing.id, utc_now().replace(year=utc_now().year + 1))
    mailing.scheduled_at = utc_now()
    if is_withdrawn:
        account.owner_id = omar.id
    db.session.commit()

    assert start_scheduled() == (0 if is_withdrawn else 1)

    db.session.expire_all()
    state = MailingState.REGISTERED if is_withdrawn else MailingState.SENDING
    assert db.session.get_one(Mailing, mailing.id).state is state
    assert current_scope().organization_id == organization.id
    kinds = db.session.scalars(select(Delivery.kind).distinct()).all()
    assert kinds == [DeliveryKind.BULK]
