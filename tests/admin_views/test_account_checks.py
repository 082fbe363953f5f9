"""The page of one account's test (X4-03, X4-07)."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, render_template
from sqlalchemy import select

from admin_views.screens.account_check_words import ADVICE, STEPS
from mail.advice import Advice
from mail.gateway import NetworkGateway
from mail.steps import Step
from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from services.mailbox import checks
from services.mailbox.checking import CheckTools, carry_out_checks
from services.mailbox.checks import ask_check, newest_checks
from services.mailbox.password_asking import asked_at
from tests.admin_views.conftest import SignIn
from tests.admin_views.test_records import fresh
from tests.factories.accounts import make_colleague, make_department
from tests.factories.people import make_mail_account, make_organization
from tests.servers.smtp_server import RecordingSmtpServer, Rule, ServerOptions

ROOT = "/addons/mail-accounts/checks"


@pytest.fixture
def account(organization: Any) -> MailAccount:
    return make_mail_account(address="norte@penalba.test", login="norte", password="canary-secret")


def check_at(account: MailAccount, options: ServerOptions) -> None:
    with RecordingSmtpServer(options) as server:
        account.smtp_port = server.port
        ask_check([account])
        db.session.commit()
        carry_out_checks(CheckTools(gateway=NetworkGateway()))


REFUSING = ServerOptions(
    login="norte", rules=[Rule(point="auth", reply="535 5.7.8 <b>password expired</b>")]
)


def test_every_cause_and_step_has_its_words(app: Flask) -> None:
    """X4-03: no code of a cause reaches the screen without a sentence and what helps."""
    assert set(ADVICE) == set(Advice)
    assert {step for _side, step in STEPS} == set(Step)


def test_an_account_that_was_never_tested(account: MailAccount, sign_in: SignIn) -> None:
    page = sign_in().get(f"{ROOT}/{account.public_id}").text

    assert "Todavía sin probar" in page
    assert "v-probe" not in page


def test_the_steps_with_their_answers(account: MailAccount, sign_in: SignIn) -> None:
    """X4-03, E-5: the sentence on top, each step, the server's answer, what helps; no secret anywhere."""
    check_at(account, REFUSING)

    page = sign_in().get(f"{ROOT}/{account.public_id}").text

    assert "Las conexiones funcionan, la clave no." in page
    assert "535 5.7.8 &lt;b&gt;password expired&lt;/b&gt;" in page
    assert page.count("No se intentó") >= 1
    assert "En pausa (Clave rechazada); se prueba sola" in page
    assert "canary" not in page


def test_in_english_too(account: MailAccount, sign_in: SignIn) -> None:
    check_at(account, REFUSING)

    page = sign_in(lang="en").get(f"{ROOT}/{account.public_id}").text

    assert "The connections work, the password does not." in page
    assert "AUTH: user and password" in page


def test_a_test_is_asked_for_and_watched(account: MailAccount, sign_in: SignIn) -> None:
    """X4-03: the answer comes at once; the page asks every two seconds until the test has ended."""
    client = sign_in()
    url = f"{ROOT}/{account.public_id}"

    assert client.post(url).status_code == 302
    assert client.post(url).status_code == 302
    keys = db.session.scalars(select(AccountCheck.id)).all()
    assert len(keys) == 1
    assert 'hx-trigger="every 2s"' in client.get(url).text
    assert client.get(f"{url}/progress").status_code == 200

    found = fresh(AccountCheck, keys[0])
    found.state, found.ended_at = CheckState.GOOD, found.created_at
    db.session.commit()
    ended = client.get(f"{url}/progress")
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")


def test_a_new_password_is_saved_and_tested(account: MailAccount, sign_in: SignIn) -> None:
    """X4-03, S4-12: written, never shown; the account may send again at once."""
    check_at(account, REFUSING)
    client = sign_in()

    answer = client.post(
        f"{ROOT}/{account.public_id}/password", data={"password": "another secret"}
    )

    assert answer.status_code == 302
    changed = fresh(MailAccount, account.id)
    assert changed.password == "another secret"
    assert not changed.is_paused
    assert newest_checks([account.id])[account.id].state is CheckState.WAITING
    assert "another secret" not in client.get(f"{ROOT}/{account.public_id}").text


def test_the_owner_of_a_refused_password_is_asked(
    organization: Any, account: MailAccount, sign_in: SignIn
) -> None:
    """X4-06: from the page of the failed test; an account of nobody has nobody to ask."""
    make_mail_account(is_shared=True)
    check_at(account, REFUSING)
    client = sign_in()
    url = f"{ROOT}/{account.public_id}"
    assert "ask-password" not in client.get(url).text

    account.is_shared = False
    account.owner = make_colleague(organization, "Noemí Peña", department=make_department("Ventas"))
    db.session.commit()
    assert "Que Noemí Peña la escriba" in client.get(url).text
    assert client.post(f"{url}/ask-password").status_code == 302

    assert asked_at([account.id])
    assert "Se pide la contraseña por correo a 1 usuario." in client.get(url).text


@pytest.mark.parametrize("password", ["", "a\r\nb", "x" * 1_001])
def test_an_impossible_password_is_not_saved(
    account: MailAccount, sign_in: SignIn, password: str
) -> None:
    answer = sign_in().post(f"{ROOT}/{account.public_id}/password", data={"password": password})

    assert answer.status_code == 422
    assert fresh(MailAccount, account.id).password == "canary-secret"


def test_the_failed_ones_are_tested_again(account: MailAccount, sign_in: SignIn) -> None:
    """X4-03 "reprobar fallidos"."""
    good = make_mail_account()
    check_at(account, REFUSING)

    assert sign_in().post(f"{ROOT}/failed").status_code == 302

    found = newest_checks([account.id, good.id])
    assert found[account.id].state is CheckState.WAITING
    assert good.id not in found


def test_who_may_only_look_neither_tests_nor_writes(account: MailAccount, sign_in: SignIn) -> None:
    client = sign_in("clerk")

    assert client.post(f"{ROOT}/{account.public_id}").status_code == 403
    assert client.post(f"{ROOT}/{account.public_id}/password").status_code == 403
    assert client.post(f"{ROOT}/{account.public_id}/ask-password").status_code == 403
    assert client.post(f"{ROOT}/failed").status_code == 403


def test_a_user_has_so_many_tests_an_hour(
    account: MailAccount, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T19: whoever asks for very many tests is asked to wait; the audit says who tested what."""
    monkeypatch.setattr(checks, "MOST_AN_HOUR", 1)
    client = sign_in()

    assert client.post(f"{ROOT}/{account.public_id}").status_code == 302
    assert client.post(f"{ROOT}/{account.public_id}").status_code == 429

    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "check")).one()
    assert (event.entity, event.entity_id, event.actor_kind) == (
        "mail_account",
        account.id,
        "user",
    )


def test_a_badge_for_lists(app: Flask, account: MailAccount) -> None:
    """The partial that other pages show: it leads to the page of the test."""
    check_at(account, REFUSING)
    check = newest_checks([account.id])[account.id]

    with app.test_request_context():
        html = render_template("admin/mailbox/check_badge.html", check=check)
        nothing = render_template("admin/mailbox/check_badge.html", check=None)

    assert f"{ROOT}/{account.public_id}" in html
    assert "v-state bad" in html
    assert "<a" not in nothing


def test_the_add_on_lists_every_account_the_bad_ones_first(
    account: MailAccount, sign_in: SignIn
) -> None:
    """X4-03, S4-08: with the newest result, what is wrong, and the way to its steps."""
    make_mail_account(address="antes@penalba.test")
    make_mail_account(address="apagada@penalba.test", is_active=False)
    check_at(account, REFUSING)

    page = sign_in(lang="en").get(f"{ROOT}/").text

    assert page.index("norte@penalba.test") < page.index("antes@penalba.test")
    assert "apagada@penalba.test" not in page
    assert "Password refused" in page
    assert f'href="{ROOT}/{account.public_id}"' in page
    assert "Test the failed one again" in page
    assert "canary" not in page


def test_the_list_is_narrowed_to_one_standing(account: MailAccount, sign_in: SignIn) -> None:
    make_mail_account(address="antes@penalba.test")
    check_at(account, REFUSING)

    page = sign_in().get(f"{ROOT}/?only=untested").text

    assert "antes@penalba.test" in page
    assert "norte@penalba.test" not in page


def test_all_are_tested_by_one_button_and_watched(account: MailAccount, sign_in: SignIn) -> None:
    """X4-03 "test all": whoever they belong to; the list asks until the last has ended."""
    shared = make_mail_account()
    db.session.commit()
    client = sign_in()

    assert client.post(f"{ROOT}/all").status_code == 302

    found = newest_checks([account.id, shared.id])
    assert {check.state for check in found.values()} == {CheckState.WAITING}
    assert len(found) == 2
    assert 'hx-trigger="every 2s"' in client.get(f"{ROOT}/badges").text
    for check in found.values():
        ended = fresh(AccountCheck, check.id)
        ended.state, ended.ended_at = CheckState.GOOD, ended.created_at
    db.session.commit()
    assert "hx-trigger" not in client.get(f"{ROOT}/badges").text


def test_the_list_of_add_ons_says_how_many_fail(account: MailAccount, sign_in: SignIn) -> None:
    """S4-08: «1 fails» before it is opened; a clerk looks and does not test."""
    check_at(account, REFUSING)

    page = sign_in(lang="en").get("/addons").text

    assert "Test mail accounts" in page
    assert "1 fails" in page
    clerk = sign_in("clerk", lang="en")
    assert "Test all" not in clerk.get(f"{ROOT}/").text
    assert clerk.post(f"{ROOT}/all").status_code == 403


def test_another_organizations_accounts_are_not_listed(
    account: MailAccount, sign_in: SignIn
) -> None:
    """T1."""
    other = make_organization()
    db.session.commit()
    with acting_in(other.id):
        make_mail_account(address="ajena@otra.test")
        db.session.commit()

    assert "ajena@otra.test" not in sign_in().get(f"{ROOT}/").text


def test_open_lines_and_old_passwords_are_named(account: MailAccount, sign_in: SignIn) -> None:
    """X4-09: what works and should be looked at all the same."""
    account.smtp_security = MailSecurity.STARTTLS
    account.password_set_at = utc_now() - timedelta(days=366)
    make_mail_account(address="abierta@penalba.test")
    make_mail_account(
        address="nueva@penalba.test",
        smtp_security=MailSecurity.TLS,
        imap_security=MailSecurity.NONE,
        password="x",
    )
    db.session.commit()

    page = sign_in(lang="en").get(f"{ROOT}/").text

    assert "1 account speaks to its server without encryption: abierta@penalba.test" in page
    assert "1 password is older than a year: norte@penalba.test" in page
