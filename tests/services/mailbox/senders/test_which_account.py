"""Which account something leaves from, where nobody has chosen one."""

from sqlalchemy import func, select

from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.account_grant import AccountGrant
from models.mailings.delivery import Delivery
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from services.mailbox.account_grants import Use, allow, let_go_of_leavers
from services.mailbox.default_senders import (
    account_for_notices,
    choose_default,
    chosen_account,
    default_account,
)
from services.people.password_links import invite
from tests.factories.people import make_mail_account, make_user
from tests.services.mailbox.senders.accounts import act_as, own, who_may


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
