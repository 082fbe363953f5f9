"""Who may send with which account, and who decides it."""

import pytest
from sqlalchemy import select

from errors import Conflict, Invalid
from models.base import db
from models.mailbox.account_default import MailPurpose
from models.mailbox.account_grant import AccountGrant
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from services.mailbox.account_grants import Use, allow, settle_owner
from services.mailbox.default_senders import choose_default
from services.mailbox.senders import NotTheirAccount, accounts_to_send_as
from tests.factories.people import make_mail_account, make_organization, make_user
from tests.services.mailbox.senders.accounts import own, who_may


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
