"""Keys: renewed over all secrets while the product works (issue's "Keys"; T5)."""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import LargeBinary, Text, select, text

from errors import Conflict, Invalid, Unavailable
from models.base import db
from models.column_types import Sealed, SealedIfMarked, Secret
from models.mailbox.mail_account import MailAccount
from models.mailbox.oauth import ApplicationToken, OAuthToken
from models.mailings.delivery import DeliveryBody
from models.people.organization import Organization
from models.people.user import User
from models.sales.payment_method import SavedPaymentMethod
from models.sealing import Keyring, keyring
from models.system.audit_event import AuditEvent
from models.tenancy import Scope, across_organizations, enter
from services.mailings.sealed_head import open_head
from services.people.password_links import invite
from services.system.key_file import add_key
from services.system.keys import drop_old, rotate
from services.system.resealing import left_by_older_keys, reseal, sealed_columns
from settings import Settings, read_keys
from tests.factories.oauth import make_application
from tests.factories.people import (
    make_customer,
    make_mail_account,
    make_organization,
    make_user,
)
from tests.factories.portal import make_portal_user

SECRET = "canary of {}"


@pytest.fixture
def settings_with_file(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A key file of this test's own, with the key that everything so far is sealed by."""
    file = tmp_path / "secret.keys"
    file.write_text("\n".join(settings.encryption_keys) + "\n")
    keyring.use(settings.encryption_keys, file=file)
    yield dataclasses.replace(settings, key_file=file)
    keyring.use(settings.encryption_keys, file=settings.key_file)


def make_secrets(organization: Organization) -> dict[str, tuple[object, str]]:
    """One secret in each sealed column of the organization: column -> (record, property)."""
    account = make_mail_account(password=SECRET.format("password"), login="x")
    application = make_application(secret=SECRET.format("secret"))
    token = OAuthToken(
        organization_id=organization.id, account_id=account.id, application_id=application.id
    )
    token.access, token.refresh = SECRET.format("access"), SECRET.format("refresh")
    shared = ApplicationToken(organization_id=organization.id, application_id=application.id)
    shared.access = SECRET.format("access")
    db.session.add_all([token, shared])
    user = make_user(organization)
    user.totp_secret = SECRET.format("totp_secret")
    of_customer = make_portal_user(make_customer())
    of_customer.totp_secret = SECRET.format("totp_secret")
    card = SavedPaymentMethod(
        customer_id=of_customer.memberships[0].customer_id,
        provider="practice",
        token=SECRET.format("token"),
        brand="Visa",
        last4="1111",
    )
    db.session.add(card)
    invited = make_user(organization, password_hash=None)
    invite(invited, base_url="http://localhost")
    db.session.commit()
    return {
        "mail_account.password_sealed": (account, "password"),
        "oauth_application.secret_sealed": (application, "secret"),
        "oauth_application_token.access_sealed": (shared, "access"),
        "oauth_token.access_sealed": (token, "access"),
        "oauth_token.refresh_sealed": (token, "refresh"),
        "payment_method.token_sealed": (card, "token"),
        "portal_user.totp_sealed": (of_customer, "totp_secret"),
        "user.totp_sealed": (user, "totp_secret"),
    }


def test_every_sealed_column_is_known_by_its_type() -> None:
    """A new one is covered by itself: whoever names a column *_sealed gives it the type, and a property."""
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("_sealed"):
                assert isinstance(column.type, Sealed), f"{table.name}.{column.name}"
            elif isinstance(column.type, Secret):
                assert not isinstance(column.type, Sealed), f"{table.name}.{column.name}"
                assert column.name.endswith("_hash"), f"{table.name}.{column.name}"
    assert {str(place) for place in sealed_columns()} >= {
        "mail_account.password_sealed",
        "oauth_token.refresh_sealed",
        "delivery_body.head",
    }


def test_every_sealed_column_has_a_secret_in_these_tests(organization: Organization) -> None:
    """Else the tests below would pass by it."""
    known = make_secrets(organization)

    assert {str(p) for p in sealed_columns()} == {*known, "delivery_body.head"}


def test_every_secret_is_sealed_anew_and_still_opens(
    organization: Organization, settings_with_file: Settings
) -> None:
    """Every value of every table, in every organization; nobody's version or time of change moves."""
    made = make_secrets(organization)
    foreign = make_organization()
    db.session.commit()
    enter(Scope(organization_id=foreign.id))
    other = make_mail_account(password="foreign")
    db.session.commit()
    enter(Scope(organization_id=organization.id))
    account = db.session.scalars(select(MailAccount)).one()
    before = (account.version, account.updated_at)

    done = rotate(settings_with_file)

    newest = read_keys(settings_with_file.key_file)[0][0]
    assert done.has_new_key
    assert done.resealed == len(made) + 2
    keyring.use([newest])
    db.session.expire_all()
    for column, (record, name) in made.items():
        assert getattr(record, name) == SECRET.format(name), column
    assert (account.version, account.updated_at) == before
    with across_organizations():
        assert db.session.get(MailAccount, other.id).password == "foreign"
        body = db.session.scalars(
            select(DeliveryBody).where(text("substring(head from 1 for 7) = 'sealed:'::bytea"))
        ).one()
    recipient = db.session.scalar(
        text("SELECT recipient FROM delivery WHERE id = :id"), {"id": body.delivery_id}
    )
    assert b"Subject" in open_head(body.head, recipient)


def test_interrupted_it_goes_on_by_the_same_key(
    organization: Organization, settings_with_file: Settings
) -> None:
    """Resumable: killed after the key was made, or between two columns."""
    made = make_secrets(organization)
    add_key(settings_with_file.key_file)

    class Killed(Exception):
        pass

    def die(where: str, count: int) -> None:
        if where.startswith("mail_account"):
            raise Killed

    with pytest.raises(Killed):
        reseal(die)
    db.session.rollback()
    keys = read_keys(settings_with_file.key_file)[0]

    done = rotate(settings_with_file)

    assert not done.has_new_key
    assert read_keys(settings_with_file.key_file)[0] == keys
    assert 0 < done.resealed < len(made) + 1
    assert left_by_older_keys() == 0


def test_product_works_meanwhile(organization: Organization, settings_with_file: Settings) -> None:
    """A process that started before reads and writes on, with the key that was made meanwhile."""
    elsewhere = Keyring()
    elsewhere.use(settings_with_file.encryption_keys, file=settings_with_file.key_file)
    sealed_before = elsewhere.seal("before", bound_to="x")

    rotate(settings_with_file)

    newest = Keyring()
    newest.use(read_keys(settings_with_file.key_file)[0][:1])
    assert newest.open(elsewhere.seal("after", bound_to="x"), bound_to="x") == "after"
    assert elsewhere.open(sealed_before, bound_to="x") == "before"
    assert elsewhere.open(keyring.seal("x", bound_to="y"), bound_to="y") == "x"


def test_change_at_the_same_moment_is_not_lost(
    app: Flask, organization: Organization, settings_with_file: Settings
) -> None:
    """Whoever writes a password between reading and writing wins."""
    make_secrets(organization)
    accounts = [make_mail_account(password="old") for _number in range(20)]
    db.session.commit()
    keys, stop = [account.id for account in accounts], threading.Event()
    organization_id = organization.id

    def write_on() -> None:
        with app.app_context():
            enter(Scope(organization_id=organization_id))
            while not stop.is_set():
                for key in keys:
                    db.session.get_one(MailAccount, key).password = "new"
                    db.session.commit()

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for _time in range(3):
            rotate(settings_with_file)
    finally:
        stop.set()
        writer.join()
    db.session.rollback()
    db.session.expire_all()
    assert {account.password for account in accounts} == {"new"}


def test_old_keys_are_dropped_when_nothing_needs_them(
    organization: Organization, settings_with_file: Settings
) -> None:
    """Afterwards an old key opens nothing, and what followed from it is as it was."""
    make_secrets(organization)
    old = settings_with_file.encryption_keys
    file = settings_with_file.key_file
    rotate(settings_with_file)

    assert drop_old(settings_with_file, settled_after=0) == 1

    keys, _kept = read_keys(file)
    assert len(keys) == 1
    assert not set(old) & set(keys)
    assert old[0] not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    stranger = Keyring()
    stranger.use(old)
    account = db.session.scalars(select(MailAccount)).one()
    with pytest.raises(Unavailable):
        stranger.open(account.password_sealed, bound_to="whatever")
    assert account.password == SECRET.format("password")
    again = Settings.from_env(
        {
            "DATABASE_URL": settings_with_file.database_url,
            "REDIS_URL": settings_with_file.redis_url,
            "VENTANILLA_DATA": str(file.parent),
        }
    )
    assert again.logins() == settings_with_file.logins()
    assert again.secret_key == settings_with_file.secret_key


def test_keys_that_are_needed_are_not_dropped(
    organization: Organization, settings_with_file: Settings
) -> None:
    make_secrets(organization)
    add_key(settings_with_file.key_file)

    with pytest.raises(Conflict):
        drop_old(settings_with_file, settled_after=0)
    db.session.rollback()

    assert len(read_keys(settings_with_file.key_file)[0]) == 2


def test_keys_of_the_environment_are_renewed_there(
    organization: Organization, settings: Settings
) -> None:
    with pytest.raises(Invalid):
        rotate(dataclasses.replace(settings, key_file=None))


def test_a_secret_that_no_key_opens_stops_it(
    organization: Organization, settings_with_file: Settings
) -> None:
    """Then nothing is dropped, and the row is named."""
    account = make_mail_account(password="x")
    stranger = Keyring()
    stranger.use([Fernet.generate_key().decode()])
    account.password_sealed = stranger.seal("x", bound_to="x")
    db.session.commit()

    with pytest.raises(Unavailable) as caught:
        rotate(settings_with_file)

    assert f"mail_account.password_sealed, row {account.id}" in caught.value.message


def test_it_is_told_in_the_audit(organization: Organization, settings_with_file: Settings) -> None:
    make_secrets(organization)

    rotate(settings_with_file)

    told = db.session.scalars(select(AuditEvent).where(AuditEvent.entity == "keys")).one()
    assert told.action == "rotate"
    assert "canary" not in repr(told.after)


def test_swapped_ciphertexts_are_refused_in_every_column(organization: Organization) -> None:
    """T5: neither another row's value nor another column's is opened."""
    first, second = make_secrets(organization), None
    enter(Scope(organization_id=organization.id))
    stranger = make_organization()
    db.session.commit()
    enter(Scope(organization_id=stranger.id))
    second = make_secrets(stranger)
    sealed = {
        (number, column): getattr(record, column.partition(".")[2])
        for number, made in enumerate((first, second))
        for column, (record, _name) in made.items()
    }

    for column, (record, name) in second.items():
        attribute = column.partition(".")[2]
        own = sealed[1, column]
        for place, foreign in sealed.items():
            if place != (1, column):
                setattr(record, attribute, foreign)
                with pytest.raises(Unavailable):
                    getattr(record, name)
        setattr(record, attribute, own)
        assert getattr(record, name) == SECRET.format(name)
    db.session.rollback()


def test_types_change_nothing_in_the_database() -> None:
    assert isinstance(Sealed().impl, Text)
    assert isinstance(SealedIfMarked().impl, LargeBinary)
    assert User.__table__.c.totp_sealed.type.__class__ is Sealed
