"""The form of a mailing: errors at their field, the summary, and what is handed over."""

import html
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailings.mailing import AudienceMode, Mailing, OneMailPer
from models.mailings.mailing_state import MailingState
from models.mailings.message_template import MessageTemplate
from models.people.customer import Customer
from models.people.organization import Organization
from models.sales.document import Document
from models.sales.document_state import DocumentState
from models.tenancy import acting_in
from tests.admin_views.conftest import SignIn
from tests.factories.people import (
    make_contact,
    make_customer,
    make_group,
    make_mail_account,
    make_organization,
)
from tests.factories.sales import make_document
from tests.factories.saving import saved


@pytest.fixture
def customers(organization: Organization) -> list[Customer]:
    """Three with an invoice each (FV-201 to FV-203), and a draft FV-204."""
    make_mail_account(address="billing@example.com")
    found = [make_customer(number=f"K{n}", name=f"Kunde {n}") for n in (1, 2, 3)]
    for place, customer in enumerate(found):
        make_contact(customer)
        make_document(customer, number=str(201 + place))
    make_document(found[0], number="204", state=DocumentState.DRAFT)
    db.session.commit()
    return found


@pytest.fixture
def clerk(sign_in: SignIn, customers: list[Customer]) -> FlaskClient:
    return sign_in("clerk", lang="en")


def fields(**changed: Any) -> dict[str, Any]:
    account = db.session.scalar(select(Mailing.account.property.mapper.class_.id).limit(1))
    return {
        "account": str(account),
        "series": "FV",
        "number_from": "201",
        "number_to": "FV-203",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Invoice {{ document.number }}",
        "body": "Dear {{ contact.name }}\n\nHere it is.",
        **changed,
    }


def the_only_mailing() -> Mailing:
    db.session.expire_all()
    return db.session.scalars(select(Mailing)).one()


def test_a_complete_form_makes_a_draft_and_leads_to_it(clerk: FlaskClient) -> None:
    """S1-07, S1-11: nothing is sent; a worker prepares it."""
    answer = clerk.post("/mailings/new", data=fields())

    mailing = the_only_mailing()
    assert answer.location == f"/mailings/?mailing={mailing.public_id}"
    assert (mailing.number, mailing.state) == (1, MailingState.DRAFT)
    assert mailing.title == "FV-201 to FV-203"
    assert mailing.body_html == "<p>Dear {{ contact.name }}</p><p>Here it is.</p>"
    [part] = mailing.ranges
    assert (part.series, part.number_from, part.number_to) == ("FV", 201, 203)
    assert mailing.period_start == mailing.period_end is not None


@pytest.mark.parametrize(
    ("changed", "place", "sentence"),
    [
        ({"subject": ""}, "subject", "A subject is needed."),
        ({"body": " "}, "body", "A message is needed."),
        ({"account": ""}, "account", "Choose a mail account."),
        ({"number_from": "300"}, "number_to", "The last number comes before the first one."),
        ({"number_from": "many"}, "number_from", "Write a number, such as 10101 or FV-10101."),
        (
            {"date_from": "2026-08-01", "date_to": "2026-07-01"},
            "date_to",
            "The last day comes before the first one.",
        ),
        ({"who": "groups"}, "groups", "Choose at least one group."),
        ({"contacts": "roles"}, "roles", "Choose at least one role."),
        ({"who": "customers"}, "customers", "Choose at least one customer"),
        (
            {"who": "customers", "customer_numbers": "K1\nK9"},
            "customer_numbers",
            "No customer has these numbers: K9.",
        ),
        ({"series": "", "number_from": "", "number_to": ""}, "series", "Say which invoices"),
        ({"number_from": "900", "number_to": "999"}, "series", "Nobody would get this mailing."),
        (
            {"subject": "Invoice {{ document.numbr }}"},
            "subject",
            "Did you mean “document.number”?",
        ),
    ],
)
def test_an_error_stands_at_its_field(
    clerk: FlaskClient, changed: dict[str, str], place: str, sentence: str
) -> None:
    """S1-11: and everything typed stays."""
    answer = clerk.post("/mailings/new", data=fields(**changed))

    page = html.unescape(answer.text)
    assert answer.status_code == 422
    assert f'href="#{place}"' in page
    assert sentence in page
    assert db.session.scalar(select(Mailing)) is None


def test_all_errors_come_at_once(clerk: FlaskClient) -> None:
    """S1-11: those of the form, of the subject, of the body and of the other language."""
    answer = clerk.post(
        "/mailings/new",
        data=fields(
            cc="nobody",
            subject="Invoice {{ document.numbr }}",
            body="<p>Dear {{ contact.nme }}</p>",
            variant_subject="Factura {{ document.totl }}",
            variant_body="Hola",
        ),
    )

    assert answer.status_code == 422
    for sentence in ("“nobody”", "“document.numbr”", "“contact.nme”", "“document.totl”"):
        assert sentence in html.unescape(answer.text)


def test_who_gets_it_is_kept(clerk: FlaskClient, customers: list[Customer]) -> None:
    """S1-08, X1-06."""
    group = make_group()
    customers[1].customer_group_id = group.id
    db.session.commit()

    answer = clerk.post(
        "/mailings/new",
        data=fields(
            who="groups", groups=str(group.id), contacts="primary", one_mail_per="document"
        ),
    )

    assert answer.status_code == 302
    mailing = the_only_mailing()
    assert {way.mode for way in mailing.audience} == {AudienceMode.GROUPS, AudienceMode.PRIMARY}
    assert mailing.one_mail_per is OneMailPer.DOCUMENT


def test_numbers_pasted_from_a_sheet_are_customers(
    clerk: FlaskClient, customers: list[Customer]
) -> None:
    clerk.post("/mailings/new", data=fields(who="customers", customer_numbers="K1;\tK3\r\n"))

    [way] = the_only_mailing().audience
    assert set(way.ref_ids) == {customers[0].id, customers[2].id}


def test_the_summary_counts_without_writing(clerk: FlaskClient) -> None:
    """S1-07, S1-08: recipients, documents, and who is left out, before anything is registered."""
    part = clerk.post("/mailings/new/summary", data=fields(number_to="206", subject="", body=""))

    text = " ".join(html.unescape(part.text).split())
    assert part.status_code == 200
    assert '<dt>E-mails</dt><dd class="num mid">3</dd>' in text
    assert "of the 4 in the range. Left out: 1 draft." in text
    assert "2 numbers do not exist: FV-205–206." in text
    assert db.session.scalar(select(Mailing)) is None


def test_the_summary_says_what_is_wrong_with_the_range(clerk: FlaskClient) -> None:
    part = clerk.post("/mailings/new/summary", data=fields(number_from="300"))

    assert "The last number comes before the first one." in part.text
    assert 'data-wrong=\'{"number_to": ' in part.text
    assert "Enter a series, numbers or dates" not in part.text


def test_a_saved_text_fills_subject_and_message(clerk: FlaskClient) -> None:
    template = saved(MessageTemplate(code="x", subject="Saved subject", body_html="<p>Saved</p>"))
    db.session.commit()

    part = clerk.post("/mailings/new/text", data=fields(template=template.code))

    assert "Saved subject" in part.text
    assert "Saved</textarea>" in part.text


def test_the_filter_of_the_list_is_the_proposal(clerk: FlaskClient) -> None:
    """S1-05: invoices as they are filtered in the list that one comes from."""
    clerk.get("/mailings/", query_string={"from": "/admin/invoice/?search=FV+Kunde"})

    page = clerk.get("/mailings/new").text

    assert "Only the 4 invoices" in page


def test_without_a_filter_nothing_is_proposed(clerk: FlaskClient) -> None:
    assert "Only the" not in clerk.get("/mailings/new").text


def test_documents_and_customers_of_another_company_are_nobody(
    clerk: FlaskClient, customers: list[Customer]
) -> None:
    other = make_organization()
    with acting_in(other.id):
        stranger = make_customer(number="S1")
        foreign = make_document(stranger, number="1")
        db.session.commit()
        keys = (foreign.id, stranger.id)

    page = clerk.get(f"/mailings/new?documents={keys[0]}").text
    answer = clerk.post(
        "/mailings/new", data=fields(who="customers", customers=str(keys[1]), customer_numbers="S1")
    )

    assert "Only the" not in page
    assert answer.status_code == 422
    assert db.session.scalar(select(Mailing)) is None


def test_a_draft_that_failed_can_be_corrected(clerk: FlaskClient) -> None:
    """S1-11."""
    clerk.post("/mailings/new", data=fields())
    mailing = the_only_mailing()
    mailing.register_error = "The store cannot be reached."
    db.session.commit()
    url = f"/mailings/{mailing.public_id}/edit"

    console = clerk.get(f"/mailings/?mailing={mailing.public_id}").text
    form = clerk.get(url).text
    answer = clerk.post(url, data=fields(number_to="202", title="Better"))

    assert "The store cannot be reached." in console and url in console
    assert 'value="FV-203"' in form
    assert answer.status_code == 302
    corrected = the_only_mailing()
    assert (corrected.title, corrected.register_error) == ("Better", None)
    assert corrected.ranges[0].number_to == 202


def test_a_registered_mailing_is_not_changed(clerk: FlaskClient) -> None:
    clerk.post("/mailings/new", data=fields())
    mailing = the_only_mailing()
    mailing.state = MailingState.REGISTERED
    db.session.commit()

    answer = clerk.post(f"/mailings/{mailing.public_id}/edit", data=fields(title="Other"))

    assert answer.status_code == 409
    assert the_only_mailing().title == "FV-201 to FV-203"


def test_chosen_invoices_are_the_proposal(clerk: FlaskClient) -> None:
    """S1-05: the selection of the list."""
    invoices = [str(key) for key in db.session.scalars(select(Document.id).order_by(Document.id))]

    answer = clerk.post(
        "/admin/invoice/action/?sort=label",
        data={"action": "send_by_email", "rowid": invoices[:2]},
    )
    page = clerk.get(answer.location).text

    assert "Only the 2 invoices" in page
    assert f'name="documents" value="{invoices[0]},{invoices[1]}"' in page
    assert "/admin/invoice/?sort=label" in clerk.get("/mailings/").text
