"""The tab *Roles y permisos* of the global users (S4-06): what each role may do, readable without reading the code."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.organization import Organization
from models.people.role import Role
from tests.admin_views.conftest import SignIn


def page_of(client: FlaskClient, code: str) -> str:
    role = db.session.scalars(select(Role).where(Role.code == code)).one()
    return client.get(f"/admin/role/details/?id={role.id}").text


def rights_in(page: str, records: str) -> list[str]:
    row = re.search(rf"<tr><td[^>]*>{records}</td>(.*?)</tr>", page)
    assert row is not None
    return re.findall(r'visually-hidden">(Sí|No)<', row[1])


@pytest.mark.usefixtures("organization")
def test_it_stands_among_the_pages_about_users(sign_in: SignIn) -> None:
    page = sign_in("administrator").get("/admin/role/").text

    assert 'aria-current="page">Roles y permisos<' in page
    assert ">Usuarios<" in page and ">Avanzado<" in page


@pytest.mark.usefixtures("organization")
def test_a_role_says_what_it_may_do(sign_in: SignIn) -> None:
    client = sign_in("administrator")

    assert rights_in(page_of(client, "administrator"), "Cuentas de correo") == ["Sí"] * 4
    assert rights_in(page_of(client, "reader"), "Clientes") == ["Sí", "No", "No", "No"]
    assert rights_in(page_of(client, "clerk"), "Grupos de clientes") == ["Sí", "Sí", "Sí", "No"]
    assert rights_in(page_of(client, "clerk"), "Cuentas de correo") == ["Sí", "No", "No", "No"]


def test_a_role_says_how_many_have_it(organization: Organization, sign_in: SignIn) -> None:
    page = page_of(sign_in("administrator"), "administrator")

    assert "Quién lo tiene" in page
    assert re.search(r"Usuarios activos aquí.*?<td[^>]*>1</td>", page, re.DOTALL)
