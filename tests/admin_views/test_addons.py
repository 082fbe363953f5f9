"""L-23, S4-08: add-ons are found by entry points, and what others do wrong stays with them."""

import html
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from extensions import limiter
from models.people.organization import Organization
from settings import Settings
from tests.addon_packages import install_example, install_module, on_the_path
from tests.admin_views.conftest import Browser, SignIn

OPENS = "/addons/who-is-here/"
HEAD = """
from flask import Blueprint
from admin_views.addons import AddOn, AddOnStatus, Right
right = Right(resource="user", action="view")
blueprint = Blueprint("pages", __name__)
@blueprint.get("/")
def index():
    return "open"
"""
GOOD = (
    "addon = AddOn(name={name!r}, title={name!r}, description='', endpoint='.index', right=right,"
    " blueprint=blueprint, rights={{'index': right}}{more})"
)
NewApp = Callable[[], Flask]


def module(name: str, *, before: str = "", more: str = "") -> str:
    return f"{HEAD}{before}\n{GOOD.format(name=name, more=more)}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    with on_the_path(tmp_path):
        yield tmp_path


@pytest.fixture
def started(settings: Settings, app: Flask) -> Callable[[], Flask]:
    """Start the product with what is installed now."""

    def start() -> Flask:
        again = create_app(settings)
        again.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        limiter.enabled = False
        return again

    return start


def moved(client: FlaskClient, to: Flask) -> FlaskClient:
    """The same browser before the product that was started again."""
    other = Browser(to, to.response_class)
    with client.session_transaction() as before, other.session_transaction() as session:
        session.update(before)
    return other


def text_of(client: FlaskClient, url: str = "/addons") -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_a_package_of_others_appears_and_opens(
    site: Path, started: NewApp, sign_in: SignIn
) -> None:
    """L-23: installed with the server, in the reader's language, with its version."""
    client = sign_in("administrator")
    install_example(site)

    browser = moved(client, started())
    page = text_of(browser)

    assert "Quién está aquí" in page
    assert "ventanilla-who-is-here · 2.1.0" in page
    assert "1 aquí" in page
    assert f'href="{OPENS}"' in page
    assert "<h1>Quién está aquí</h1>" in text_of(browser, OPENS)


def test_its_pages_obey_the_role_matrix(site: Path, started: NewApp, sign_in: SignIn) -> None:
    """L-25: whoever may not open it neither sees it nor reaches it; strangers are led to the door."""
    client = sign_in("reader")
    install_example(site)
    again = started()

    assert moved(client, again).get(OPENS).status_code == 403
    stranger = Browser(again, again.response_class)
    assert stranger.get(OPENS).headers["Location"].startswith("/sign-in")


def test_without_the_package_nothing_is_left(started: NewApp, sign_in: SignIn) -> None:
    """L-23: uninstalling needs no more than taking the package away."""
    client = sign_in("administrator")

    browser = moved(client, started())
    assert "Quién está aquí" not in text_of(browser)
    assert browser.get(OPENS).status_code == 404


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module", "No se puede cargar."),
        ("raise SystemExit(3)", "No se puede cargar."),
        ("addon = AddOn = 3", "no es un complemento"),
        (module("bad", more=", interface=7"), "otra versión de Ventanilla"),
        (module("other"), "No tiene el nombre de su punto de entrada"),
        (module("bad").replace("{'index': right}", "{}"), "no están protegidas"),
        (module("bad", before="blueprint.before_app_request(lambda: 1)"), "no están protegidas"),
        (module("bad").replace("'.index'", "'.nowhere'"), "no están protegidas"),
        (module("bad").replace("'.index'", "''"), "no están protegidas"),
        (module("bad").replace("'.index'", "'no.page'"), "no están protegidas"),
        (module("bad").replace('"/"', '"/<int:number>"'), "no están protegidas"),
        (module("bad", before="blueprint.record(lambda state: 1 / 0)"), "no están protegidas"),
    ],
)
def test_a_broken_package_says_so_and_breaks_nothing(
    site: Path, started: NewApp, sign_in: SignIn, source: str, reason: str
) -> None:
    """L-23: the product starts, the page names it with the reason, its own pages are not there."""
    client = sign_in("administrator", is_global_admin=True)
    install_module(site, "bad", source)
    install_example(site)

    browser = moved(client, started())
    page = text_of(browser)

    assert "Configurar cuentas de correo" in page
    assert "Quién está aquí" in page
    assert "package-bad · 1.0.3" in page
    assert reason in page
    assert "No se usa" in page
    assert browser.get("/addons/bad/").status_code == 404


def test_a_route_without_a_right_is_named(site: Path, started: NewApp, sign_in: SignIn) -> None:
    """L-25: deny by default: one forgotten page is enough to refuse all of them."""
    client = sign_in("administrator", is_global_admin=True)
    extra = "@blueprint.post('/more')\ndef more():\n    return ''"
    install_module(site, "bad", module("bad", before=extra))

    browser = moved(client, started())
    assert "no right is declared for more (/addons/bad/more)" in text_of(browser)
    assert browser.get("/addons/bad/").status_code == 404


@pytest.mark.parametrize("name", ["mail_account_setup", "again"])
def test_a_name_counts_once(site: Path, started: NewApp, sign_in: SignIn, name: str) -> None:
    """L-23: nobody takes the name of another add-on, or of one of ours."""
    client = sign_in("administrator", is_global_admin=True)
    install_module(site, name, module(name), package="first")
    install_module(site, name, module(name), package="second")

    browser = moved(client, started())
    page = text_of(browser)

    assert "Otro complemento ya tiene su nombre." in page
    assert page.count("second · 1.0.3") == 1
    assert "Configurar cuentas de correo" in page


@pytest.mark.parametrize(
    "status",
    [
        "1 / 0",
        "'a word'",
        "__import__('models.base').base.db.session.execute(__import__('sqlalchemy').text('x'))",
        "__import__('models.base').base.db.session.rollback()",
    ],
)
def test_a_state_that_fails_fails_alone(
    site: Path, started: NewApp, sign_in: SignIn, status: str
) -> None:
    """L-23: the page and the add-on stay; only its badge says that nobody knows."""
    client = sign_in("administrator")
    install_module(site, "odd", module("odd", more=f", status=lambda: {status}"))

    browser = moved(client, started())
    page = text_of(browser)

    assert 'href="/addons/odd/"' in page
    assert "Estado desconocido" in page or "rollback" in status
    assert "Configurar cuentas de correo" in page
    assert browser.get("/addons/odd/").text == "open"


def test_only_who_administers_everything_sees_what_is_broken(
    site: Path, started: NewApp, sign_in: SignIn
) -> None:
    """What a server's packages do wrong tells of the server."""
    client = sign_in("administrator")
    install_module(site, "bad", "import no_such_module")

    browser = moved(client, started())
    assert "package-bad" not in text_of(browser)


def test_the_page_leads_to_the_accounts_and_to_help(
    sign_in: SignIn, organization: Organization
) -> None:
    """S4-08, S4-09, S4-25: the add-on opens the grid; help and the guided tour are offered."""
    client = sign_in("administrator")

    page = text_of(client)

    assert 'href="/addons/mail-accounts"' in page
    assert "0 de 1 usuario" in page
    assert 'href="/help/set-up-mail-accounts"' in page
    assert 'href="/help/write-an-add-on"' in page
    assert "data-tour-start" in page
    assert client.get("/addons/mail-accounts").status_code == 200


def test_who_may_not_edit_accounts_does_not_see_the_add_on(
    sign_in: SignIn, organization: Organization
) -> None:
    """S4-04: for rights-holders only."""
    client = sign_in("reader")

    assert client.get("/addons").status_code == 403
    assert client.get("/admin/user/advanced/").status_code == 403
    assert client.get("/addons/mail-accounts").status_code == 403
