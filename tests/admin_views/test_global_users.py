"""S4-06, S4-07: the global users with their tabs, and what stands in the tab *Advanced*."""

import html
import re

import pytest
from flask.testing import FlaskClient

from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.user import User
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.accounts import make_colleague, make_department, make_own_account
from tests.factories.people import make_organization
from tests.factories.saving import saved

URL = "/admin/user/advanced/"


def page_of(client: FlaskClient, url: str = URL) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def line_of(page: str, name: str) -> str:
    """The words of somebody's row."""
    rows = re.findall(r"<tr.*?</tr>", page, re.S)
    row = next(row for row in rows if name in row)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def checked(account: MailAccount, state: CheckState) -> None:
    now = utc_now()
    steps = [{"side": "smtp", "step": "auth", "result": "bad"}] if state is CheckState.BAD else []
    saved(AccountCheck(account_id=account.id, state=state, ended_at=now, steps=steps))


@pytest.fixture
def elsewhere(organization: Organization) -> User:
    """Somebody of another company, with a department and an account that works."""
    other = make_organization(name="Servicios Ibáñez Núñez")
    db.session.commit()
    with acting_in(other.id):
        user = make_colleague(other, "Fabián Ñústez", department=make_department("Compras"))
        checked(make_own_account(user, "fabian@ibanez.test"), CheckState.GOOD)
        db.session.commit()
    return user


def test_the_tab_shows_where_each_works_and_how_mail_leaves(
    sign_in: SignIn, organization: Organization
) -> None:
    """S4-06: department, company and branch, state of the account, second step, last sign-in."""
    organization.name = "Distribuidora Peñalba"
    norte = make_department("Norte", parent=make_department("Ventas"))
    user = make_colleague(organization, "Camilo Peñaranda", department=norte)
    user.totp_confirmed_at = utc_now()
    place = db.session.scalars(UserMembership.of_user(user)).one()
    place.branch_id = saved(Branch(code="BOG", name="Bogotá")).id
    checked(make_own_account(user, "camilo@penalba.test"), CheckState.GOOD)
    make_colleague(organization, "Martín Zúñiga")

    page = page_of(sign_in("administrator"))

    row = line_of(page, "Camilo Peñaranda")
    assert "Ventas · Norte Distribuidora Peñalba · Bogotá Funciona Código" in row
    assert "Sin cuenta" in line_of(page, "Martín Zúñiga")


def test_an_account_whose_test_failed_says_so(sign_in: SignIn, organization: Organization) -> None:
    """S4-06: the state is that of the newest test."""
    user = make_colleague(organization, "Begoña Íñiguez")
    account = make_own_account(user, "begona@penalba.test")
    checked(account, CheckState.GOOD)
    checked(account, CheckState.BAD)

    assert "Funciona" not in line_of(page_of(sign_in("administrator")), "Begoña Íñiguez")


def test_all_companies_are_listed_for_who_administers_everything(
    sign_in: SignIn, elsewhere: User
) -> None:
    """S4-06: all users across organizations, with what stands there."""
    page = page_of(sign_in("administrator", is_global_admin=True))

    assert "<p>2 usuarios de 2 empresas</p>" in page
    row = line_of(page, "Fabián Ñústez")
    assert "Compras Servicios Ibáñez Núñez" in row
    assert "Funciona" in row


def test_others_see_their_colleagues_only(sign_in: SignIn, elsewhere: User) -> None:
    """T1: nobody of another company."""
    assert "Fabián Ñústez" not in page_of(sign_in("administrator"))


def test_the_list_is_narrowed_by_department(sign_in: SignIn, organization: Organization) -> None:
    """S4-06, S4-10: those below it count, and the address says what is shown."""
    ventas = make_department("Ventas")
    make_colleague(organization, "Diana Güiza", department=make_department("Sur", parent=ventas))
    make_colleague(organization, "Lourdes Añez", department=make_department("Cartera"))
    client = sign_in("administrator")

    page = page_of(client, f"{URL}?flt_department={ventas.id}")

    assert "Diana Güiza" in page
    assert "Lourdes Añez" not in page
    assert "Departamento <b>Ventas</b>" in page


def test_a_department_of_another_company_is_no_filter(sign_in: SignIn, elsewhere: User) -> None:
    """T1: what may not be seen may not be asked about, except by who sees everything."""
    other = db.session.execute(
        UserMembership.__table__.select().where(UserMembership.__table__.c.user_id == elsewhere.id)
    ).one()
    url = f"{URL}?flt_department={other.department_id}"

    assert "Compras" not in page_of(sign_in("administrator"), url)
    everything = page_of(sign_in("administrator", is_global_admin=True), url)
    assert "Fabián Ñústez" in everything
    assert "Servicios Ibáñez Núñez · Compras" in everything


def test_the_tabs_have_addresses_and_only_the_second_leads_to_the_add_ons(
    sign_in: SignIn, organization: Organization
) -> None:
    """S4-07, S4-08: the tab exists, and the button stands in it."""
    client = sign_in("administrator")

    users, advanced = page_of(client, "/admin/user/"), page_of(client)

    assert f'href="{URL}"' in users
    assert 'href="/addons"' not in users
    assert f'href="{URL}" aria-current="page"' in advanced
    assert 'id="addons" href="/addons"' in advanced
    assert 'href="/admin/role/"' in advanced


def test_a_file_has_the_columns_of_the_tab(sign_in: SignIn, organization: Organization) -> None:
    """L-05: an export of the tab is what one sees."""
    make_colleague(organization, "Noemí Peña", department=make_department("Ventas"))
    client = sign_in("administrator")
    link = re.search(r'href="(/admin/user/export/csv/[^"]*)"', page_of(client))
    assert link

    text = client.get(link[1]).text

    assert "Departamento" in text.splitlines()[0]
    assert any("Noemí Peña" in line and "Ventas" in line for line in text.splitlines())
