"""Lists and texts of a length that nobody types, but that one pastes by mistake."""

import html
import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.people.organization import Organization
from services.mailings.address_list import LONGEST_LIST
from services.mailings.customer_choice import MOST_NUMBERS
from tests.admin_views.conftest import SignIn
from tests.admin_views.mailing_fields import fields
from tests.factories.people import make_contact, make_customer, make_mail_account
from tests.factories.sales import make_document


@pytest.fixture
def customers(organization: Organization) -> list[Customer]:
    """Two with an invoice each, FV-201 and FV-202."""
    make_mail_account(address="billing@example.com")
    found = [make_customer(number=f"K{n}", name=f"Tercero {n}") for n in (1, 2)]
    for place, customer in enumerate(found):
        make_contact(customer)
        make_document(customer, number=str(201 + place))
    db.session.commit()
    return found


@pytest.fixture
def clerk(sign_in: SignIn, customers: list[Customer]) -> FlaskClient:
    return sign_in("clerk", lang="es")


def words_of(page: str) -> str:
    return " ".join(html.unescape(page).split())


@pytest.mark.parametrize("name", ["cc", "bcc"])
@pytest.mark.parametrize(
    "pasted",
    [
        pytest.param("\n".join(f"a{n}@example.com" for n in range(60_000)), id="60,000 addresses"),
        pytest.param("\n".join(f"a{n}@example.com" for n in range(1_000)), id="1,000 addresses"),
        pytest.param('"' + '\\"' * (LONGEST_LIST // 2 - 1), id="quotes that nothing closes"),
    ],
)
def test_copies_that_cannot_be_taken_do_not_count(
    clerk: FlaskClient, name: str, pasted: str
) -> None:
    """S1-07, X1-07: the summary counts without them, and soon."""
    began = time.monotonic()
    part = clerk.post("/mailings/new/summary", data=fields(**{name: pasted}))

    assert time.monotonic() - began < 10
    assert part.status_code == 200
    assert '<dt>Correos</dt><dd class="num mid">2</dd>' in words_of(part.text)


def test_too_many_addresses_stay_in_the_form(clerk: FlaskClient) -> None:
    """X1-07."""
    pasted = "\n".join(f"a{n}@example.com" for n in range(60_000))

    answer = clerk.post("/mailings/new", data=fields(cc=pasted))

    assert answer.status_code == 422
    assert 'id="cc-error"' in answer.text
    assert "a59999@example.com" in answer.text
    assert db.session.scalar(select(Mailing)) is None


def test_numbers_of_every_customer_are_taken(clerk: FlaskClient, customers: list[Customer]) -> None:
    """S1-06: as many as are allowed at once, the wrong ones named."""
    pasted = "\n".join(["K1", "K2", *(f"N{n}" for n in range(MOST_NUMBERS - 2))])

    answer = clerk.post("/mailings/new", data=fields(who="customers", customer_numbers=pasted))

    assert answer.status_code == 422
    assert "Ningún tercero tiene estos números: N0, N1" in words_of(answer.text)


def test_too_many_numbers_are_refused_with_a_sentence(clerk: FlaskClient) -> None:
    """S1-06, S1-11: more than a statement has room for; the list stays in the form."""
    pasted = " ".join(f"{n:x}" for n in range(40_000))
    asked = fields(who="customers", customer_numbers=pasted)

    answer = clerk.post("/mailings/new", data=asked)
    part = clerk.post("/mailings/new/summary", data=asked)
    statements = clerk.post("/admin/statement/issue/", data=asked)

    sentence = "Como máximo 20.000 números de tercero a la vez."
    assert (answer.status_code, part.status_code, statements.status_code) == (422, 200, 422)
    assert sentence in words_of(answer.text) and "9c3f" in answer.text
    assert sentence in words_of(part.text)


def test_people_chosen_one_by_one_have_no_limit(clerk: FlaskClient) -> None:
    """More than the 65,535 parameters that a statement may have."""
    people = [str(1_000_000_000 + n) for n in range(70_000)]

    answer = clerk.post("/mailings/new", data=fields(contacts="contacts", people=people))

    assert answer.status_code == 422
    assert "Nadie recibiría este envío." in words_of(answer.text)


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("es", "El texto tiene más de 2000 elementos (etiquetas HTML)."),
        ("en", "The text has more than 2000 elements (HTML tags)."),
    ],
)
def test_a_text_with_too_many_elements_is_refused_at_its_field(
    sign_in: SignIn, customers: list[Customer], lang: str, sentence: str
) -> None:
    """S1-10, S1-11: what was pasted with its format stays in the form, and the summary counts."""
    clerk = sign_in("clerk", lang=lang)
    asked = fields(body="<p>a</p>" * 2_500)

    answer = clerk.post("/mailings/new", data=asked)
    part = clerk.post("/mailings/new/summary", data=asked)

    assert (answer.status_code, part.status_code) == (422, 200)
    assert 'id="body-error"' in answer.text and sentence in words_of(answer.text)
    assert answer.text.count("&lt;p&gt;a&lt;/p&gt;") == 2_500
    assert sentence in words_of(part.text)


def test_an_account_with_too_many_elements_is_named(clerk: FlaskClient) -> None:
    """S1-11."""
    account = db.session.scalars(select(MailAccount)).one()
    account.footer_html = "<p>a</p>" * 2_500
    db.session.commit()

    answer = clerk.post("/mailings/new", data=fields())

    assert answer.status_code == 422
    assert 'id="account-error"' in answer.text
    assert "de esta cuenta: El texto tiene más de 2000 elementos" in words_of(answer.text)
