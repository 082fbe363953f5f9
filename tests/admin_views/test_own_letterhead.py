"""One's own header, signature and footer under *My account*, where the organization allows it (S4-18, X4-10)."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailings.delivery import Delivery
from models.people.organization import Organization
from models.people.user import User
from tests.admin_views.conftest import SignIn
from tests.factories.accounts import make_letterhead
from tests.factories.people import make_mail_account

URL = "/account/letterhead"
SIGNATURE = "<p>{{ user.name }}</p>"


@pytest.fixture
def clerk(organization: Organization, sign_in: SignIn) -> FlaskClient:
    """Somebody who may not edit mail accounts."""
    make_mail_account(is_shared=True)
    organization.users_write_letterhead = True
    db.session.commit()
    return sign_in("clerk", name="Ana Ruiz", email="ana@example.com")


def form_of(**texts: str) -> dict[str, str]:
    return {
        "version": "0",
        "own-signature_html": "1",
        "header_html": "",
        "signature_html": SIGNATURE,
        "footer_html": "",
        **texts,
    }


def test_it_is_not_there_unless_the_organization_allows_it(
    organization: Organization, clerk: FlaskClient
) -> None:
    assert URL in clerk.get("/account").text
    organization.users_write_letterhead = False
    db.session.commit()

    assert URL not in clerk.get("/account").text
    for url in (URL, f"{URL}/preview"):
        assert clerk.get(url).status_code == 404
    assert clerk.post(URL, data=form_of()).status_code == 404
    assert db.session.scalars(select(Letterhead)).all() == []


def test_a_user_says_their_own(clerk: FlaskClient) -> None:
    """X4-10: of the innermost level that a person has, whatever level the address names."""
    make_letterhead(header_html="<h2>Company</h2>")
    db.session.commit()

    page = clerk.get(f"{URL}?level=o")
    assert page.status_code == 200
    assert "Usa el de la empresa" in page.text
    assert clerk.post(f"{URL}?level=o", data=form_of()).status_code == 302

    ana = db.session.scalars(select(User).where(User.name == "Ana Ruiz")).one()
    said = {each.user_id: each for each in db.session.scalars(select(Letterhead))}
    assert said[ana.id].signature_html == SIGNATURE
    assert said[None].signature_html is None
    assert "Ana Ruiz" in clerk.get(f"{URL}/preview").text


def test_a_test_goes_to_ones_own_address_only(clerk: FlaskClient) -> None:
    """Nobody sends mail to strangers by this door."""
    form = form_of() | {"do": "test", "address": "stranger@elsewhere.example"}

    assert clerk.post(URL, data=form).status_code == 200

    assert db.session.scalars(select(Delivery.recipient)).all() == ["ana@example.com"]


def test_scripts_are_taken_out_here_too(clerk: FlaskClient) -> None:
    clerk.post(URL, data=form_of(signature_html="<p>x</p><script>alert(1)</script>"))

    assert "script" not in (db.session.scalars(select(Letterhead)).one().signature_html or "")
