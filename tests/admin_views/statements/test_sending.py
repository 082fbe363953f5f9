"""Statements are sent from their list, as invoices are (S1-05, S1-09)."""

import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.sales.document_state import DocumentKind
from models.tenancy import acting_in
from services.sales.statements import Period
from tests.admin_views.statements.pages import FIRST, LAST, text_of
from tests.factories.people import make_customer, make_organization
from tests.factories.sales import make_document
from tests.factories.statements import make_statement


class TestSending:
    """S1-05, S1-09: from the list of statements, as from that of invoices."""

    @pytest.fixture
    def statements(self, customers: list[Customer]) -> list[int]:
        keys = [make_statement(customer).id for customer in customers[:3]]
        db.session.commit()
        return keys

    def mailing_fields(self, **changed: Any) -> dict[str, Any]:
        account = db.session.scalar(select(MailAccount.id).limit(1))
        return {
            "account": str(account),
            "who": "all",
            "contacts": "all",
            "one_mail_per": "customer",
            "subject": "Account {{ documents.numbers }}",
            "body": "Dear {{ contact.name }}, {{ documents.total }}",
            **changed,
        }

    def test_the_chosen_ones_are_the_proposal(
        self, clerk: FlaskClient, statements: list[int]
    ) -> None:
        chosen = {"action": "send_by_email", "rowid": statements[:2]}
        answer = clerk.post("/admin/statement/action/", data=chosen)

        page = text_of(clerk.get(answer.location))

        assert "Only the 2 statements that were chosen in the list" in page
        assert re.search(r'<input checked[^>]* name="statements"', page)

    def test_the_filter_of_the_list_is_the_proposal(
        self, clerk: FlaskClient, statements: list[int]
    ) -> None:
        came_from = "/admin/statement/?search=Kunde+2"
        page = text_of(clerk.get("/mailings/new", query_string={"from": came_from}))
        assert "Only the statement that the list shows with its filter" in page

        form = self.mailing_fields(statements="y", statement_view="search=Kunde+2")
        clerk.post("/mailings/new", data=form)

        db.session.rollback()
        mailing = db.session.scalars(select(Mailing)).one()
        [part] = mailing.ranges
        assert (part.kind, part.document_ids) == (DocumentKind.STATEMENT, [statements[1]])

    def test_statements_alone_and_beside_invoices(
        self, clerk: FlaskClient, statements: list[int]
    ) -> None:
        """Counted by kind; what a statement repeats is not added to the amount."""
        alone = self.mailing_fields(statements="y", statement_from="EC-1", statement_to="EC-3")
        text = text_of(clerk.post("/mailings/new/summary", data=alone))
        assert '<dt>Statements of account</dt><dd class="num mid">3</dd>' in text
        assert "<dt>Invoices</dt>" not in text
        assert "3 statements of account" in text
        assert "357.00" in text

        both = alone | {"series": "FV"}
        text = text_of(clerk.post("/mailings/new/summary", data=both))
        assert '<dt>Invoices</dt><dd class="num mid">3</dd>' in text
        assert "6 documents" in text
        assert "357.00" in text and "714.00" not in text
        assert "3 e-mails" in text

    @pytest.mark.parametrize(
        ("changed", "place", "sentence"),
        [
            ({}, "statement_series", "Say which statements"),
            ({"statement_from": "EC-9", "statement_to": "EC-2"}, "statement_to", "comes before"),
            ({"statement_from": "XX-1"}, "statement_series", "There is no series “XX”."),
            (
                {"statement_date_from": LAST, "statement_date_to": FIRST},
                "statement_date_to",
                "The last day comes before the first one.",
            ),
        ],
    )
    def test_an_error_stands_at_its_field(
        self,
        clerk: FlaskClient,
        statements: list[int],
        changed: dict[str, str],
        place: str,
        sentence: str,
    ) -> None:
        form = self.mailing_fields(statements="y", series="FV", **changed)

        answer = clerk.post("/mailings/new", data=form)

        assert answer.status_code == 422
        assert f'href="#{place}"' in answer.text
        assert sentence in text_of(answer)

    def test_the_period_is_when_it_ends(self, clerk: FlaskClient, statements: list[int]) -> None:
        form = self.mailing_fields(
            statements="y", statement_date_from=FIRST, statement_date_to=LAST
        )
        assert "3 e-mails" in text_of(clerk.post("/mailings/new/summary", data=form))
        page = clerk.post("/mailings/new", data=form | {"period": "statement-this_year"}).text
        assert f'value="{date.today().year}-12-31"' in page  # noqa: DTZ011

    def test_another_organizations_statements_are_nobodys(
        self, clerk: FlaskClient, statements: list[int]
    ) -> None:
        other = make_organization()
        with acting_in(other.id):
            theirs = make_customer()
            make_document(theirs, issue_date=date(2026, 7, 3))
            key = make_statement(theirs, Period(date(2026, 7, 1), date(2026, 7, 31))).id
            db.session.commit()

        page = text_of(clerk.get(f"/mailings/new?documents={key}"))

        assert "chosen in the list" not in page
