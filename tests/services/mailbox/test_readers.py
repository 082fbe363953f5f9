"""Who may read which mail account."""

from models.mailbox.account_grant import AccountGrant
from models.people.organization import Organization
from services.mailbox.readers import accounts_to_read, folders_to_read
from tests.factories.mail_rows import make_mailbox
from tests.factories.people import make_mail_account, make_organization, make_user
from tests.factories.saving import saved


def test_the_owner_reads_and_nobody_else(organization: Organization) -> None:
    """S3-23: not even who administers the accounts."""
    ann, bob = make_user(organization), make_user(organization, role="administrator")
    account = make_mail_account(owner_id=ann.id)

    assert accounts_to_read(ann) == [account]
    assert accounts_to_read(bob) == []


def test_a_shared_account_is_everybodys_until_somebody_is_named(
    organization: Organization,
) -> None:
    ann, bob = make_user(organization), make_user(organization)
    account = make_mail_account()
    assert accounts_to_read(ann) == accounts_to_read(bob) == [account]

    saved(AccountGrant(account_id=account.id, user_id=ann.id, can_read=True))

    assert accounts_to_read(ann) == [account]
    assert accounts_to_read(bob) == []


def test_whoever_is_named_to_send_only_does_not_read(organization: Organization) -> None:
    ann, bob = make_user(organization), make_user(organization)
    account = make_mail_account(owner_id=ann.id)
    saved(AccountGrant(account_id=account.id, user_id=bob.id, can_read=False, can_send=True))

    assert accounts_to_read(bob) == []


def test_without_owner_and_not_shared_whoever_is_named_reads(organization: Organization) -> None:
    """Its owner has left."""
    ann, bob = make_user(organization), make_user(organization)
    account = make_mail_account(is_shared=False)
    saved(AccountGrant(account_id=account.id, user_id=ann.id, can_read=True))

    assert accounts_to_read(ann) == [account]
    assert accounts_to_read(bob) == []


def test_whoever_works_elsewhere_reads_nothing(organization: Organization) -> None:
    stranger = make_user(make_organization())
    make_mailbox()

    assert accounts_to_read(stranger) == []
    assert folders_to_read(stranger) == []


def test_a_switched_off_account_is_not_read(organization: Organization) -> None:
    ann = make_user(organization)
    make_mailbox(is_active=False)

    assert accounts_to_read(ann) == []
    assert folders_to_read(ann) == []
