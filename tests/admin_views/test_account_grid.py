"""The page of everybody's mail accounts (S4-10 to S4-17)."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailbox.mail_account import MailAccount
from models.people.organization import Department, Organization
from models.people.user import User
from models.tenancy import acting_in
from services.mailbox.account_cells import OUTGOING
from services.mailbox.default_domain import keep_default_domain
from tests.admin_views.conftest import SignIn
from tests.factories.accounts import make_colleague, make_department, make_own_account, typed_row
from tests.factories.people import make_organization

CANARY = "canary-27182-must-never-be-seen"
URL = "/addons/mail-accounts"
NEW = {
    "address": "jperez",
    "password": "the new one",
    "smtp_host": "smtp.penalba.test",
    "smtp_port": "587",
    "smtp_security": "starttls",
}


@pytest.fixture
def ventas(organization: Organization) -> Department:
    keep_default_domain(None, "acme.com")
    ventas = make_department("Ventas")
    for number in range(12):
        make_colleague(organization, f"Persona {number:02}", department=ventas)
    db.session.commit()
    return ventas


@pytest.fixture
def people(ventas: Department) -> list[User]:
    found = db.session.scalars(
        select(User).where(User.name.startswith("Persona")).order_by(User.name)
    )
    return list(found)


@pytest.fixture
def admin(ventas: Department, sign_in: SignIn) -> FlaskClient:
    return sign_in("administrator", name="Zoe")


Form = Callable[..., dict[str, str]]


def form_of(user: User, **cells: str) -> dict[str, str]:
    """The person's row as the page shows it, with these cells typed over."""
    row = typed_row(user, **cells)
    names = {f"r-{user.id}-{name}": row.cells[name] for name in OUTGOING}
    prints = ".".join(row.prints[name] for name in OUTGOING)
    return {**names, f"r-{user.id}-from": row.made_from, f"r-{user.id}-prints": prints}


def account_of(user: User) -> MailAccount | None:
    db.session.rollback()
    db.session.expire_all()
    found: MailAccount | None = db.session.scalar(
        select(MailAccount).where(MailAccount.owner_id == user.id)
    )
    return found


def test_a_department_shows_its_people(
    admin: FlaskClient, ventas: Department, people: list[User]
) -> None:
    """S4-10: 12 users of Ventas, and what is known of their accounts."""
    make_own_account(people[0], "p0@acme.com")
    db.session.commit()

    page = admin.get(f"{URL}?department={ventas.id}").text

    assert len(re.findall(r"<tr id=\"row-", page)) == 12
    assert "Ventas · 12 usuarios, 1 sin probar, 11 sin cuenta" in page
    assert "Persona 00" not in admin.get(f"{URL}?department={ventas.id}&without=1").text


def test_rows_are_saved_with_a_result_for_each(admin: FlaskClient, people: list[User]) -> None:
    """S4-11 to S4-16."""
    make_own_account(people[1], "p1@acme.com")
    db.session.commit()
    form = form_of(people[0], **NEW) | form_of(people[1])

    answer = admin.post(URL, data=form)

    assert answer.status_code == 200
    account = account_of(people[0])
    assert account is not None
    assert (account.address, account.password) == ("jperez@acme.com", "the new one")
    assert "1 usuario guardado, 1 sin cambios" in answer.text


def test_one_invalid_row_saves_nothing_unless_chosen(
    admin: FlaskClient, people: list[User]
) -> None:
    """S4-16: 12 rows, 1 invalid: nothing, or the 11 that are valid."""
    form: dict[str, str] = {}
    for number, user in enumerate(people):
        form |= form_of(user, **NEW | {"address": f"p{number}"})
    form[f"r-{people[3].id}-smtp_port"] = "70000"

    refused = admin.post(URL, data=form)

    assert refused.status_code == 422
    assert db.session.scalar(select(db.func.count(MailAccount.id))) == 0
    assert "Un puerto es un número de 1 a 65535." in refused.text
    assert 'value="70000"' in refused.text

    partly = admin.post(URL, data=form | {"only_valid": "1"})

    assert partly.status_code == 422
    assert "11 usuarios guardados, 1 sin guardar" in partly.text
    db.session.rollback()
    assert db.session.scalar(select(db.func.count(MailAccount.id))) == 11


def test_no_page_ever_holds_a_password(
    admin: FlaskClient, people: list[User], caplog: pytest.LogCaptureFixture
) -> None:
    """S4-12: neither the stored one nor the one just typed, saved or refused."""
    make_own_account(people[0], "p0@acme.com", password=CANARY)
    db.session.commit()
    refused = form_of(people[1], **NEW | {"password": CANARY, "smtp_port": "0"})

    pages = [
        admin.get(URL).text,
        admin.post(URL, data=refused).text,
        admin.post(f"{URL}/cells", data=refused).text,
        admin.post(f"{URL}/addresses", data=refused | {"pattern": "{nombre}"}).text,
        admin.post(URL, data=form_of(people[2], **NEW | {"password": CANARY})).text,
    ]

    assert all(CANARY not in page for page in pages)
    assert CANARY not in caplog.text
    assert "•••• fijada" in pages[0]


def test_bad_input_of_every_kind_is_told_at_its_cell(
    admin: FlaskClient, people: list[User]
) -> None:
    """The list of the issue."""
    make_own_account(people[9], "taken@acme.com")
    db.session.commit()
    bad: dict[str, dict[str, Any]] = {
        "duplicate": {"address": "taken"},
        "port 0": {"smtp_port": "0"},
        "port 70000": {"smtp_port": "70000"},
        "scheme": {"smtp_host": "https://smtp.acme.com"},
        "space": {"smtp_host": "smtp acme.com"},
        "crlf": {"smtp_host": "smtp.acme.com\r\nQUIT"},
        "open line": {"smtp_host": "192.0.2.1", "smtp_security": "none"},
        "limit": {"per_day": "0"},
    }
    form: dict[str, str] = {}
    for user, cells in zip(people, bad.values(), strict=False):
        form |= form_of(user, **NEW | {"address": f"p{user.id}"} | cells)

    told = admin.post(f"{URL}/cells", data=form).json

    assert told is not None
    cells = [next(iter(told[str(user.id)])) for user, _kind in zip(people, bad, strict=False)]
    assert cells == [
        *("address", "smtp_port", "smtp_port", "smtp_host", "smtp_host", "smtp_host"),
        *("smtp_security", "per_day"),
    ]


def test_an_odd_pair_is_doubted_and_saved(admin: FlaskClient, people: list[User]) -> None:
    """S4-14: 465 with STARTTLS is said with its cure, and stands in nobody's way."""
    form = form_of(people[0], **NEW | {"smtp_port": "465"})

    told = admin.post(f"{URL}/cells", data=form).json

    assert told is not None
    doubt = told[str(people[0].id)]["smtp_port"]
    assert doubt["tone"] == "warn"
    assert doubt["cure"] == {"smtp_security": "tls"}
    assert doubt["text"] == "El puerto 465 espera SSL/TLS, no STARTTLS."
    assert admin.post(URL, data=form).status_code == 200


def test_addresses_are_proposed_before_they_are_taken(
    admin: FlaskClient, people: list[User]
) -> None:
    """S4-11: collisions get a number; nothing is saved by looking."""
    make_own_account(people[0], "persona@acme.com")
    db.session.commit()
    proposed = admin.post(f"{URL}/addresses", data={"pattern": "{nombre}"}).text

    assert "persona2@acme.com" in proposed
    assert "persona12@acme.com" in proposed
    assert account_of(people[1]) is None


def test_without_script_addresses_and_servers_are_filled_by_the_server(
    admin: FlaskClient, people: list[User]
) -> None:
    """The same form as a page: generate, apply to the ticked ones, and only Accept saves."""
    form = form_of(people[0]) | form_of(people[1])

    generated = admin.post(URL, data=form | {"do": "generate", "pattern": "{nombre}{apellido}"})
    applied = admin.post(
        URL,
        data=form | {"do": "apply", "rowid": str(people[1].id), "apply-provider": "microsoft365"},
    )

    assert generated.status_code == applied.status_code == 200
    assert 'value="persona00@acme.com"' in generated.text
    assert applied.text.count('value="smtp.office365.com"') == 1
    assert account_of(people[0]) is None


def test_the_default_domain_is_saved_for_the_department(
    admin: FlaskClient, ventas: Department, people: list[User]
) -> None:
    """S4-17: it counts at once, and is kept with the rows."""
    form = form_of(people[0], **NEW) | {"default_domain": "@peñalba.test"}

    answer = admin.post(f"{URL}?department={ventas.id}", data=form)

    assert answer.status_code == 200
    account = account_of(people[0])
    assert account is not None
    assert account.address == "jperez@xn--pealba-xwa.test"
    kept = db.session.scalars(select(Letterhead).where(Letterhead.department_id == ventas.id))
    assert kept.one().default_domain == "xn--pealba-xwa.test"
    assert "@peñalba.test" in answer.text


def test_a_domain_that_is_none_is_refused(admin: FlaskClient, people: list[User]) -> None:
    answer = admin.post(URL, data=form_of(people[0], **NEW) | {"default_domain": "no domain"})

    assert answer.status_code == 422
    assert account_of(people[0]) is None


def test_somebody_elses_change_is_named_and_what_was_typed_stays(
    admin: FlaskClient, people: list[User]
) -> None:
    """L-20."""
    account = make_own_account(people[0], "p0@acme.com")
    db.session.commit()
    form = form_of(people[0], per_day="300")
    account.smtp_port = 2525
    db.session.commit()

    answer = admin.post(URL, data=form)

    assert answer.status_code == 422
    assert "cambió esta cuenta" in answer.text
    assert 'value="300"' in answer.text
    assert 'value="2525"' in answer.text


def test_incoming_mail_is_a_side_of_its_own(admin: FlaskClient, people: list[User]) -> None:
    """X4-01: only people with an account, and other cells."""
    make_own_account(people[0], "p0@acme.com")
    db.session.commit()

    page = admin.get(f"{URL}?side=incoming").text

    assert len(re.findall(r"<tr id=\"row-", page)) == 1
    assert f'name="r-{people[0].id}-imap_host"' in page
    assert f'name="r-{people[0].id}-smtp_host"' not in page


def test_people_of_another_organization_are_out_of_reach(
    admin: FlaskClient, people: list[User]
) -> None:
    """T1: neither shown nor written, nor told whether they exist."""
    other = make_organization()
    with acting_in(other.id):
        stranger = make_colleague(other, "Extraña")
        db.session.commit()
    form = {f"r-{stranger.id}-{name}": text for name, text in NEW.items()}

    answer = admin.post(URL, data=form)

    assert "Extraña" not in answer.text
    with acting_in(other.id):
        assert account_of(stranger) is None


def test_only_who_may_edit_accounts_comes_in(ventas: Department, sign_in: SignIn) -> None:
    reader = sign_in("reader")

    assert reader.get(URL).status_code == 403
    assert reader.post(URL).status_code == 403


def test_odd_addresses_of_the_page_are_harmless(admin: FlaskClient, app: Flask) -> None:
    for odd in ("department=x", "department=999999999999999999999", "side=?", "below=x&below="):
        assert admin.get(f"{URL}?{odd}").status_code == 200


def test_a_stored_password_is_removed_by_its_own_sign(
    admin: FlaskClient, people: list[User]
) -> None:
    """S4-12: blank keeps; the box beside the cell removes, and stays ticked where something else is wrong."""
    make_own_account(people[0], "p0@acme.com")
    db.session.commit()
    forget = {f"r-{people[0].id}-forget": "1"}

    refused = admin.post(URL, data=form_of(people[0], smtp_port="70000") | forget)
    assert refused.status_code == 422
    assert re.search(rf'name="r-{people[0].id}-forget"[^>]* checked', refused.text)
    kept = account_of(people[0])
    assert kept is not None and kept.password == "the old one"

    assert admin.post(URL, data=form_of(people[0]) | forget).status_code == 200
    removed = account_of(people[0])
    assert removed is not None and removed.password_sealed is None
