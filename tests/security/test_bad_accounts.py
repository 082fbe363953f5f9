"""The bad input that issue 4 lists, each at every door by which a mail account comes in (S4-11 to S4-15, T19)."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from mail.gateway import NetworkGateway
from mail.reach import Reach
from mail.steps import Step
from models.base import db
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from models.people.organization import Organization
from models.people.user import User
from models.tenancy import acting_in, current_scope, enter
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import ask_check
from services.mailbox.servers import MailNetwork
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_account_grid import form_of as row_form_of
from tests.factories.accounts import make_colleague
from tests.factories.people import make_mail_account, make_organization

GOOD = {
    "address": "ana@acme.com",
    "password": "secret",
    "smtp_host": "smtp.acme.com",
    "smtp_port": "587",
    "smtp_security": "starttls",
}


@pytest.fixture
def ana(organization: Organization) -> User:
    user = make_colleague(organization, "Ana")
    db.session.commit()
    return user


def by_the_grid(app: Flask, client: FlaskClient, ana: User, fields: dict[str, str]) -> str:
    """What is said while one types, then what is said when it is accepted."""
    form = row_form_of(ana, **fields)
    typed = client.post("/addons/mail-accounts/cells", data=form).get_data(as_text=True)
    return f"{typed} {client.post('/addons/mail-accounts', data=form).text}"


def by_the_form(app: Flask, client: FlaskClient, ana: User, fields: dict[str, str]) -> str:
    usual = {
        "imap_port": "993",
        "imap_security": "tls",
        "connections": "2",
        "is_active": "y",
        "login": "ana",
        "owner": str(ana.id),
    }
    return client.post("/admin/mail_account/new/", data={**usual, **fields}).text


def by_the_command_line(app: Flask, client: FlaskClient, ana: User, fields: dict[str, str]) -> str:
    code = db.session.scalars(select(Organization.code).order_by(Organization.id)).first()
    db.session.rollback()
    scope = current_scope()
    done = app.test_cli_runner().invoke(
        args=[
            *("account", "add", "--organization", str(code), "--address", fields["address"]),
            *("--smtp-host", fields["smtp_host"], "--smtp-port", fields["smtp_port"]),
            *("--security", fields["smtp_security"], "--login", "ana"),
        ],
        input=f"{fields['password']}\n",
    )
    enter(scope)
    assert done.exit_code in (0, 2), done.output
    return done.output


Door = Callable[[Flask, FlaskClient, User, dict[str, str]], str]
DOORS = [by_the_grid, by_the_form, by_the_command_line]


def kept(address: str | None = None) -> list[MailAccount]:
    db.session.rollback()
    db.session.expire_all()
    query = select(MailAccount).order_by(MailAccount.id)
    return list(db.session.scalars(query if address is None else MailAccount.at(address)))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "bad",
    [
        {"address": "INFO@acme.com"},
        {"address": "avisos@peñalba.test"},
        {"address": "avisos@xn--pealba-xwa.test"},
        {"address": "ana@@acme.com"},
        {"address": "ana@acme.com\r\nRCPT TO:<x@y.z>"},
        {"address": "ana maría@acme.com"},
        {"address": ""},
        {"smtp_port": "0"},
        {"smtp_port": "70000"},
        {"smtp_port": "-1"},
        {"smtp_host": "https://smtp.acme.com"},
        {"smtp_host": "smtp.acme.com:587"},
        {"smtp_host": "smtp acme.com"},
        {"smtp_host": "smtp.acme.com\r\nQUIT"},
        {"smtp_host": "300.1.1.1"},
        {"smtp_host": ""},
        {"smtp_security": "none"},
        {"password": "a\x01b"},
    ],
    ids=lambda bad: repr(bad) if isinstance(bad, dict) else bad.__name__,
)
def test_it_is_refused_at_every_door(
    app: Flask,
    sign_in: SignIn,
    ana: User,
    door: Door,
    bad: dict[str, str],
) -> None:
    """Duplicates (an IDN domain in either spelling), impossible ports, hosts with a scheme, a space or CRLF."""
    make_mail_account(address="info@acme.com")
    make_mail_account(
        address="avisos@xn--pealba-xwa.test", address_norm="avisos@xn--pealba-xwa.test"
    )
    client = sign_in(lang="en")

    door(app, client, ana, {**GOOD, **bad})

    assert [each.address for each in kept()] == ["info@acme.com", "avisos@xn--pealba-xwa.test"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("odd", "address", "host"),
    [
        ({"address": "ventas@peñalba.test"}, "ventas@xn--pealba-xwa.test", "smtp.acme.com"),
        ({"smtp_host": "SMTP.Peñalba.test."}, "ana@acme.com", "smtp.xn--pealba-xwa.test"),
        ({"smtp_host": "10.20.30.40"}, "ana@acme.com", "10.20.30.40"),
        ({"address": "otra@acme.com"}, "otra@acme.com", "smtp.acme.com"),
    ],
)
def test_it_is_kept_in_one_form_at_every_door(
    app: Flask,
    sign_in: SignIn,
    ana: User,
    door: Door,
    odd: dict[str, str],
    address: str,
    host: str,
) -> None:
    """An IDN domain in ASCII; the company's own relay; an address that another organization has, too."""
    other = make_organization()
    db.session.commit()
    with acting_in(other.id):
        make_mail_account(address="otra@acme.com")
        db.session.commit()
    client = sign_in(lang="en")

    told = door(app, client, ana, {**GOOD, **odd})

    assert kept(address), told
    account = kept(address)[0]
    assert (account.address, account.smtp_host) == (address, host)
    assert (account.password, account.sign_in_by) == ("secret", SignInBy.PASSWORD)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("odd", "sentence"),
    [
        ({"smtp_port": "465"}, "Port 465 expects SSL/TLS"),
        ({"smtp_security": "tls"}, "Port 587 expects STARTTLS"),
        ({"smtp_port": "993"}, "Port 993 is one of incoming mail"),
        ({"address": "muñoz@acme.com"}, "want servers with SMTPUTF8"),
    ],
)
def test_it_is_saved_and_said_at_every_door(
    app: Flask, sign_in: SignIn, ana: User, door: Door, odd: dict[str, str], sentence: str
) -> None:
    """S4-14, E-12: 465 with STARTTLS, 587 with SSL, ñ before the @: possible, and said."""
    client = sign_in(lang="en")

    told = door(app, client, ana, {**GOOD, **odd}) + client.get("/").text

    assert sentence in told
    assert len(kept()) == 1


@pytest.mark.parametrize(
    ("text", "kept_as"),
    [
        ("<h1>Acme</h1><script>alert(1)</script>", "<h1>Acme</h1>"),
        ('<p onclick="x()">Hi</p>', "<p>Hi</p>"),
    ],
)
def test_a_header_loses_what_runs(
    app: Flask, sign_in: SignIn, ana: User, text: str, kept_as: str
) -> None:
    """S4-18: in the form of the account, as on the page of all texts."""
    by_the_form(app, sign_in(), ana, {**GOOD, "header_html": text})

    assert [each.header_html for each in kept()] == [kept_as]


def test_a_signature_of_2_mb_is_refused(app: Flask, sign_in: SignIn, ana: User) -> None:
    """S4-23."""
    by_the_form(app, sign_in(), ana, {**GOOD, "signature_html": "x" * 2_000_000})

    assert kept() == []


@pytest.mark.parametrize("host", ["169.254.169.254", "127.0.0.1", "[::1]", "10.20.30.40"])
def test_private_addresses_are_closed_by_a_setting(
    app: Flask, sign_in: SignIn, ana: User, host: str
) -> None:
    """T19: the company's own relay is there; where `MAIL_PRIVATE_NETWORKS=0` says so, no line is opened to it."""
    by_the_form(app, sign_in(), ana, {**GOOD, "smtp_host": host})
    ask_check(kept())
    db.session.commit()

    closed = MailNetwork(reach=Reach(has_private=False))
    carry_out_checks(CheckTools(gateway=NetworkGateway(), network=closed))

    found = db.session.scalars(select(AccountCheck)).one()
    assert found.state is CheckState.BAD
    assert [step["result"] for step in found.steps if step["step"] == Step.TCP] == ["untried"]
