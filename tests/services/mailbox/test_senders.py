"""Who may send as which account, which one is taken for what, and what becomes of it when somebody leaves."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import func, select

from errors import Conflict, Invalid
from models.base import db, utc_now
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.tenancy import Actor, Scope, acting_in, current_scope, enter
from services.mailbox.account_grants import Use, allow, let_go_of_leavers, settle_owner
from services.mailbox.default_senders import (
    account_for_notices,
    choose_default,
    chosen_account,
    default_account,
)
from services.mailbox.senders import NotTheirAccount, accounts_to_send_as, may_send_as
from services.mailings.flow import schedule, start
from services.mailings.late import send_to_contact
from services.mailings.reaper import start_scheduled
from services.mailings.register import register_mailing
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend, retry_failed
from services.mailings.trial import write_test
from services.mailings.trial_copy import write_copy
from services.people.password_links import invite
from services.sales.pdf import Workshop
from settings import Settings
from tests.factories.mailings import make_draft, make_registered
from tests.factories.people import make_mail_account, make_organization, make_user


@pytest.fixture
def lucia(organization: Organization) -> User:
    return make_user(organization, name="Lucía")


@pytest.fixture
def omar(organization: Organization) -> User:
    return make_user(organization, name="Omar")


@pytest.fixture
def admin(organization: Organization) -> User:
    return make_user(organization, role="administrator", name="Ana")


def own(user: User) -> MailAccount:
    return make_mail_account(owner_id=user.id)


def act_as(organization: Organization, user: User) -> None:
    actor = Actor(kind="user", id=user.id, name=user.name, source="ui")
    enter(Scope(organization_id=organization.id, actor=actor))


def who_may(account: MailAccount, *people: User | None) -> list[bool]:
    return [may_send_as(account.id, person) for person in people]


def test_an_account_of_a_person_is_that_persons(lucia: User, omar: User, admin: User) -> None:
    """X4-08, E-9: not even who manages the accounts sends as somebody else without having written it down."""
    account = own(lucia)
    assert who_may(account, lucia, omar, admin, None) == [True, False, False, False]

    allow(account, omar, Use.SEND)
    assert who_may(account, lucia, omar, admin) == [True, True, False]


def test_a_shared_account_is_open_until_somebody_is_named(
    lucia: User, omar: User, admin: User
) -> None:
    """X4-08: installations that have named nobody go on as before; a right to read is no right to send."""
    account = make_mail_account()
    assert account.is_shared
    assert who_may(account, lucia, omar, admin, None) == [True] * 4

    allow(account, lucia, Use.BOTH)
    assert who_may(account, lucia, omar, admin, None) == [True, False, True, True]
    allow(account, lucia, Use.READ)
    assert who_may(account, lucia) == [False]
    allow(account, lucia, Use.NOTHING)
    assert who_may(account, lucia, omar) == [True, True]


def test_an_account_that_is_nobodys_is_closed(lucia: User, admin: User) -> None:
    """Neither owned nor shared: only those named, and whoever manages the accounts."""
    account = make_mail_account(is_shared=False)
    assert who_may(account, lucia, admin) == [False, True]


def test_one_user_has_several_accounts(lucia: User) -> None:
    """S4-01: 1..n accounts; a switched-off one is not offered."""
    accounts = [own(lucia), own(lucia), make_mail_account()]
    make_mail_account(is_active=False)
    assert list(accounts_to_send_as(lucia)) == accounts


def test_who_works_elsewhere_or_not_at_all_sends_as_nobody(
    organization: Organization, lucia: User
) -> None:
    """X4-08: neither a colleague of another organization nor somebody who is switched off."""
    account = make_mail_account()
    stranger = make_user(make_organization(), role="administrator")
    assert who_may(account, stranger) == [False]
    lucia.is_active = False
    assert who_may(account, lucia) == [False]


def test_only_a_colleague_can_be_named_or_own(organization: Organization, lucia: User) -> None:
    """X4-08: a user is known everywhere, so the place is checked."""
    stranger = make_user(make_organization())
    account = own(lucia)
    for name_somebody in (
        lambda: allow(account, stranger, Use.SEND),
        lambda: allow(account, lucia, Use.SEND),
        lambda: settle_owner(make_mail_account(owner=stranger)),
    ):
        with pytest.raises(Invalid):
            name_somebody()


def test_two_who_decide_at_once_hear_of_each_other(lucia: User) -> None:
    account = make_mail_account()
    allow(account, lucia, Use.SEND, seen=Use.NOTHING)
    with pytest.raises(Conflict):
        allow(account, lucia, Use.NOTHING, seen=Use.NOTHING)
    assert db.session.scalars(select(AccountGrant)).one().can_send


def test_what_was_allowed_stands_in_the_audit(lucia: User) -> None:
    allow(make_mail_account(), lucia, Use.SEND)
    kinds = select(AuditEvent.action).where(AuditEvent.entity == "mail_account_grant")
    assert db.session.scalars(kinds).all() == ["create"]


def test_the_default_is_ones_own_then_the_organizations_then_the_oldest(
    lucia: User, omar: User
) -> None:
    """S4-01: default per purpose."""
    oldest, common, mine = make_mail_account(), make_mail_account(), own(lucia)
    assert default_account(MailPurpose.INVOICES, lucia) == oldest
    assert chosen_account(MailPurpose.INVOICES, lucia) is None
    assert default_account(MailPurpose.PERSONAL, lucia) == mine
    assert default_account(MailPurpose.PERSONAL, omar) == oldest

    choose_default(MailPurpose.INVOICES, common.id, None)
    assert default_account(MailPurpose.INVOICES, lucia) == common
    choose_default(MailPurpose.INVOICES, mine.id, lucia)
    assert default_account(MailPurpose.INVOICES, lucia) == mine
    assert default_account(MailPurpose.INVOICES, omar) == common
    assert default_account(MailPurpose.NOTICES, lucia) == oldest

    mine.is_active = False
    assert default_account(MailPurpose.INVOICES, lucia) == common
    choose_default(MailPurpose.INVOICES, None, lucia)
    assert db.session.scalar(select(func.count()).select_from(AccountDefault)) == 1


def test_nobody_chooses_an_account_of_another(
    organization: Organization, lucia: User, omar: User
) -> None:
    """X4-08: neither for oneself nor for the organization; and not one of another organization."""
    account = own(lucia)
    with acting_in(make_organization().id):
        foreign = make_mail_account()
    for person, key in ((omar, account.id), (None, account.id)):
        with pytest.raises(NotTheirAccount):
            choose_default(MailPurpose.NOTICES, key, person)
    with pytest.raises(Invalid):
        choose_default(MailPurpose.NOTICES, foreign.id, omar)


def test_notices_leave_from_the_organization(
    organization: Organization, lucia: User, omar: User
) -> None:
    """E-11: never from an account of a person who has not chosen it; a closed one serves the organization itself."""
    own(lucia)
    assert account_for_notices() is None
    shared = make_mail_account()
    allow(shared, lucia, Use.SEND)
    act_as(organization, omar)
    assert account_for_notices() == shared
    assert account_for_notices(besides=shared.id) is None

    desk = make_mail_account()
    choose_default(MailPurpose.NOTICES, desk.id, None)
    assert account_for_notices() == desk
    act_as(organization, lucia)
    choose_default(MailPurpose.NOTICES, shared.id, lucia)
    assert account_for_notices() == shared


def test_an_invitation_leaves_from_the_account_for_notices(
    organization: Organization, omar: User
) -> None:
    """S4-01, E-11: From is the address of the account, and nobody else's."""
    make_mail_account()
    desk = make_mail_account(address="avisos@penalba.test")
    choose_default(MailPurpose.NOTICES, desk.id, None)
    newcomer = make_user(organization, password_hash=None)

    invite(newcomer, base_url="https://window.example")

    delivery = db.session.scalars(select(Delivery)).one()
    assert (delivery.account_id, delivery.envelope_from) == (desk.id, "avisos@penalba.test")


def test_the_account_of_who_leaves_stays_and_is_nobodys(
    organization: Organization, lucia: User, omar: User
) -> None:
    """X4-08: nothing vanishes, and nobody reads it by accident."""
    account, shared = own(lucia), make_mail_account()
    allow(account, omar, Use.READ)
    allow(shared, lucia, Use.SEND)
    choose_default(MailPurpose.INVOICES, account.id, lucia)
    db.session.delete(
        db.session.scalars(select(UserMembership).where(UserMembership.user_id == lucia.id)).one()
    )
    db.session.flush()

    let_go_of_leavers()

    assert (account.owner_id, account.is_shared) == (None, False)
    assert who_may(account, lucia, omar) == [False, False]
    named = db.session.scalars(select(AccountGrant)).all()
    assert [(each.account_id, each.user_id) for each in named] == [(account.id, omar.id)]
    assert db.session.scalars(select(AccountDefault)).all() == []


def test_what_belongs_to_an_account_goes_with_it(lucia: User) -> None:
    account = make_mail_account()
    allow(account, lucia, Use.SEND)
    choose_default(MailPurpose.NOTICES, account.id, None)
    db.session.delete(account)
    db.session.flush()
    db.session.expire_all()
    assert not db.session.scalars(select(AccountGrant)).all()
    assert not db.session.scalars(select(AccountDefault)).all()


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


def allow_all(account: MailAccount, wanted: dict[User, Use]) -> None:
    """Name these and nobody else."""
    for grant in db.session.scalars(select(AccountGrant)):
        db.session.delete(grant)
    db.session.flush()
    for user, use in wanted.items():
        allow(account, user, use)


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
