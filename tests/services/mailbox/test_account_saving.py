"""Rows of the grid are checked and saved (S4-11 to S4-17, E-3)."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from services.mailbox.account_cells import INCOMING, TypedRow, shown_cells
from services.mailbox.account_checking import CheckedRow, check_rows
from services.mailbox.account_rows import AccountRow
from services.mailbox.account_saving import RowResult, save_rows
from services.mailbox.default_domain import keep_default_domain
from services.mailbox.servers import MailNetwork, smtp_server_of
from tests.factories.accounts import (
    account_rows,
    make_colleague,
    make_own_account,
    row_of,
    typed_row,
)
from tests.factories.people import make_mail_account, make_organization

CANARY = "canary-31415-must-never-be-seen"
NEW = {
    "address": "jperez",
    "password": "the new one",
    "smtp_host": "smtp.penalba.test",
    "smtp_port": "587",
    "smtp_security": "starttls",
}


@pytest.fixture
def ana(organization: Organization) -> User:
    keep_default_domain(None, "acme.com")
    return make_colleague(organization, "Ana Ruiz")


@pytest.fixture
def bea(organization: Organization) -> User:
    return make_colleague(organization, "Bea Soto")


def checked(*rows: TypedRow, **options: bool) -> list[CheckedRow]:
    return check_rows(rows, account_rows().of([row.user_id for row in rows]), **options)


def save(*rows: TypedRow, only_valid: bool = False) -> list[RowResult]:
    return save_rows(checked(*rows), only_valid=only_valid)


def outcomes(results: list[RowResult]) -> list[str]:
    return [result.outcome.value for result in results]


def account_of(user: User) -> MailAccount:
    db.session.expire_all()
    account = row_of(user).account
    assert account is not None
    return account


def test_a_new_account_is_the_persons_own(ana: User) -> None:
    """S4-11 to S4-17: all cells at once; the login is the address, the bare name gets the domain."""
    assert outcomes(save(typed_row(ana, **NEW, per_day="200"))) == ["saved"]

    account = account_of(ana)
    assert (account.address, account.login) == ("jperez@acme.com", "jperez@acme.com")
    assert (account.smtp_host, account.smtp_port) == ("smtp.penalba.test", 587)
    assert (account.smtp_security, account.per_day) == (MailSecurity.STARTTLS, 200)
    assert (account.password, account.display_name) == ("the new one", "Ana Ruiz")
    assert (account.owner_id, account.is_shared) == (ana.id, False)


def test_a_provider_brings_its_limits(ana: User) -> None:
    save(typed_row(ana, **NEW | {"smtp_host": "smtp.gmail.com"}))

    assert account_of(ana).per_day == 2000


@pytest.mark.parametrize("column", ["smtp_port", "per_day", "login", "smtp_security", "address"])
def test_a_blank_password_keeps_the_old_one(ana: User, column: str) -> None:
    """S4-12, E-3: editing another field does not break the password."""
    make_own_account(ana, "ana@acme.com")
    new = {
        "smtp_port": "465",
        "per_day": "5",
        "login": "ana",
        "smtp_security": "tls",
        "address": "anita",
    }

    assert outcomes(save(typed_row(ana, **{column: new[column]}))) == ["saved"]
    assert account_of(ana).password == "the old one"


def test_the_login_follows_the_address_until_it_is_another(ana: User) -> None:
    make_own_account(ana, "ana@acme.com")
    save(typed_row(ana, address="anita"))
    assert account_of(ana).login == "anita@acme.com"

    save(typed_row(ana, login="buzon17"))
    save(typed_row(ana, address="ana"))
    assert account_of(ana).login == "buzon17"


def test_a_login_wants_a_password(ana: User) -> None:
    """X4-06: said at the cell, and no obstacle, since the user may be asked for it afterwards."""
    row = typed_row(ana, **NEW | {"password": "", "login": "ana"})

    assert "password" in checked(row)[0].doubts
    assert outcomes(save(row)) == ["saved"]
    account = account_of(ana)
    assert (account.login, account.password_sealed) == ("ana", None)
    assert smtp_server_of(account, MailNetwork()).login is None  # no empty password is tried


def test_a_stored_password_is_removed(ana: User) -> None:
    """S4-12: by a sign of its own, since blank keeps; the login goes as it came."""
    make_own_account(ana, "ana@acme.com")
    row = typed_row(ana)
    assert outcomes(save(row)) == ["unchanged"]

    assert outcomes(save(replace(row, forgets=True))) == ["saved"]

    account = account_of(ana)
    assert (account.password_sealed, account.login) == (None, None)
    assert account.sign_in_by is SignInBy.NOTHING


def test_a_new_password_goes_before_its_removal(ana: User) -> None:
    make_own_account(ana, "ana@acme.com")

    save(replace(typed_row(ana, password="the new one"), forgets=True))

    assert account_of(ana).password == "the new one"


def test_without_its_password_an_account_may_move(ana: User) -> None:
    """E-3: nothing is sent to the other server."""
    make_own_account(ana, "ana@acme.com")
    row = typed_row(ana, smtp_host="smtp.other.test")

    assert outcomes(save(replace(row, forgets=True))) == ["saved"]


def test_where_there_is_no_password_none_is_removed(ana: User) -> None:
    make_own_account(ana, "ana@acme.com", password=None, login=None)

    assert outcomes(save(replace(typed_row(ana), forgets=True))) == ["unchanged"]


@pytest.mark.parametrize("column", ["smtp_host", "imap_host"])
def test_another_server_wants_the_password_again(ana: User, column: str) -> None:
    """The rule of the record's own form, for outgoing and incoming servers alike."""
    make_own_account(ana, "ana@acme.com")

    row = typed_row(ana, **{column: "mail.attacker.test"})
    assert "password" in checked(row)[0].problems
    assert outcomes(save(typed_row(ana, **{column: "mail.other.test"}, password="x"))) == ["saved"]


def test_a_server_that_knows_the_password_does_not(ana: User) -> None:
    """The same server for incoming mail, and the other one of a provider that we know."""
    account = make_own_account(ana, "ana@acme.com")
    assert not checked(typed_row(ana, imap_host="SMTP.penalba.test"))[0].problems

    account.smtp_host = "smtp.gmail.com"
    db.session.flush()
    assert not checked(typed_row(ana, imap_host="imap.gmail.com"))[0].problems


def test_an_open_line_is_for_near_servers_only(ana: User) -> None:
    """S4-15: "none refused unless policy allows"."""
    far = typed_row(ana, **NEW | {"smtp_host": "192.0.2.1", "smtp_security": "none"})
    near = typed_row(ana, **NEW | {"smtp_host": "127.0.0.1", "smtp_security": "none"})

    assert "smtp_security" in checked(far)[0].problems
    assert not checked(near)[0].problems


def test_one_bad_row_keeps_all_from_being_saved(ana: User, bea: User) -> None:
    """S4-16: the default is all or nothing."""
    bad = typed_row(bea, **NEW | {"address": "bea", "smtp_port": "70000"})
    results = save(typed_row(ana, **NEW), bad)

    assert outcomes(results) == ["held_back", "refused"]
    assert row_of(ana).account is None


def test_the_valid_ones_are_saved_if_that_was_chosen(ana: User, bea: User) -> None:
    """S4-16: save the valid ones and report the others."""
    bad = typed_row(bea, **NEW | {"address": "bea", "smtp_port": "0"})

    assert outcomes(save(typed_row(ana, **NEW), bad, only_valid=True)) == ["saved", "refused"]
    assert account_of(ana).address == "jperez@acme.com"
    assert row_of(bea).account is None


def test_what_was_not_changed_is_not_written(ana: User) -> None:
    account = make_own_account(ana, "ana@acme.com")
    before = account.version

    assert outcomes(save(typed_row(ana, smtp_port=" 587 "))) == ["unchanged"]
    assert account_of(ana).version == before


def test_an_address_stands_once_in_the_grid(ana: User, bea: User) -> None:
    """Bad input: duplicate addresses; both rows are told, and the case does not matter."""
    rows = checked(typed_row(ana, **NEW), typed_row(bea, **NEW | {"address": "JPerez@ACME.com"}))

    assert "Bea Soto" in rows[0].problems["address"]
    assert "Ana Ruiz" in rows[1].problems["address"]


def test_an_address_stands_once_in_the_organization(ana: User, bea: User) -> None:
    make_own_account(bea, "jperez@acme.com")
    make_mail_account(address="info@acme.com", is_shared=True)

    assert "Bea Soto" in checked(typed_row(ana, **NEW))[0].problems["address"]
    assert "address" in checked(typed_row(ana, **NEW | {"address": "info"}))[0].problems


def test_an_address_of_another_organization_says_nothing(ana: User) -> None:
    """Bad input: what others use is theirs; it is neither refused nor told."""
    other = make_organization()
    with acting_in(other.id):
        make_mail_account(address="jperez@acme.com")

    assert outcomes(save(typed_row(ana, **NEW))) == ["saved"]


def test_addresses_may_go_round(ana: User, bea: User) -> None:
    """A column pasted a row too low: everybody gets the neighbour's address."""
    make_own_account(ana, "ana@acme.com")
    make_own_account(bea, "bea@acme.com")

    results = save(typed_row(ana, address="bea"), typed_row(bea, address="ana"))

    assert outcomes(results) == ["saved", "saved"]
    assert (account_of(ana).address, account_of(bea).address) == ("bea@acme.com", "ana@acme.com")


def test_a_changed_default_domain_leaves_accounts_alone(ana: User) -> None:
    """S4-17: it is for what is typed from now on."""
    make_own_account(ana, "ana@acme.com")
    shown = typed_row(ana, per_day="9")
    keep_default_domain(None, "otra.com")

    assert outcomes(save(shown)) == ["saved"]
    assert account_of(ana).address == "ana@acme.com"
    assert shown_cells(account_of(ana), "otra.com")["address"] == "ana@acme.com"


def test_somebody_elses_change_is_named_and_nothing_is_lost(ana: User) -> None:
    """L-20: the row is refused once; what only they changed is taken over, what one typed stays."""
    account = make_own_account(ana, "ana@acme.com")
    typed = typed_row(ana, per_day="300")
    account.smtp_port = 2525
    db.session.flush()

    row = save(typed)[0].checked

    assert row.somebody_else is not None
    assert row.somebody_else.columns == ("smtp_port",)
    assert (row.cells["smtp_port"], row.cells["per_day"]) == ("2525", "300")
    assert account_of(ana).per_day is None
    assert outcomes(save(typed_row(ana, per_day="300"))) == ["saved"]


def test_the_sender_is_nobody_else(ana: User) -> None:
    """That an account worked or rests is no change of what people enter."""
    account = make_own_account(ana, "ana@acme.com")
    typed = typed_row(ana, per_day="300")
    account.paused_reason = "throttled"
    db.session.flush()

    assert outcomes(save(typed)) == ["saved"]


def test_an_account_that_came_or_went_meanwhile_is_named(ana: User, bea: User) -> None:
    typed = typed_row(ana, **NEW)
    make_own_account(ana, "ana@acme.com")
    account = make_own_account(bea, "bea@acme.com")
    other = typed_row(bea, per_day="1")
    db.session.delete(account)
    db.session.flush()

    rows = [result.checked.somebody_else for result in save(typed, other)]

    assert rows[0] is not None
    assert rows[0].is_new
    assert rows[1] is not None
    assert rows[1].is_gone


def test_an_account_keeps_an_address(ana: User) -> None:
    make_own_account(ana, "ana@acme.com")

    assert "address" in checked(typed_row(ana, address=" "))[0].problems


def test_who_may_not_create_may_still_edit(ana: User, bea: User) -> None:
    make_own_account(bea, "bea@acme.com")
    rows = checked(typed_row(ana, **NEW), typed_row(bea, per_day="1"), may_create=False)

    assert ["address" in row.problems for row in rows] == [True, False]


def test_incoming_mail_has_its_own_cells(ana: User) -> None:
    """X4-01: host, port, security, login and days; an empty port is the usual one."""
    make_own_account(ana, "ana@acme.com")
    cells = {"imap_host": "imap.acme.com", "password": "x", "imap_login": "a", "sync_days": "30"}
    typed = typed_row(ana, **cells)
    only_incoming = TypedRow(
        user_id=ana.id,
        made_from=typed.made_from,
        cells={name: typed.cells[name] for name in INCOMING},
        prints=typed.prints,
    )

    assert outcomes(save(only_incoming)) == ["saved"]
    account = account_of(ana)
    assert (account.imap_host, account.imap_port, account.sync_days) == ("imap.acme.com", 993, 30)
    assert (account.imap_login, account.smtp_host) == ("a", "smtp.penalba.test")


def test_incoming_mail_needs_an_account(ana: User) -> None:
    typed = TypedRow(user_id=ana.id, cells={"imap_host": "imap.acme.com"})

    assert "imap_host" in checked(typed)[0].problems


def test_people_who_do_not_work_here_have_no_row(ana: User) -> None:
    other = make_organization()
    with acting_in(other.id):
        stranger = make_colleague(other, "Extraña")

    assert checked(TypedRow(user_id=stranger.id, cells=NEW)) == []


def test_the_password_is_sealed_and_told_to_nobody(app: Flask, ana: User) -> None:
    """S4-12: stored encrypted, and not in the audit."""
    save(typed_row(ana, **NEW | {"password": CANARY}))
    db.session.commit()

    row = row_of(ana)
    assert isinstance(row, AccountRow)
    assert row.account is not None
    assert CANARY not in (row.account.password_sealed or "")
    told = db.session.scalars(select(AuditEvent)).all()
    assert CANARY not in repr([(event.before, event.after) for event in told])
    assert CANARY not in repr(shown_cells(row.account, ""))
