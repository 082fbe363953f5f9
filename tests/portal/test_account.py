"""P-05: the account over a period of one's choice, on the page, as a PDF and as a CSV."""

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from models.base import db, utc_now
from models.sales.document import CreditNote
from services.sales.formats import shown_amount
from services.sales.issuing_statements import issue_statements
from services.sales.pdf import Workshop, pdf_of
from tests.factories.sales import make_document
from tests.factories.statements import JULY, pay

AMOUNT = re.compile(r"[\d.]+,\d\d")
PERIOD = f"first={JULY.first}&last={JULY.last}"


@pytest.fixture
def window(stand):
    window = stand()
    invoice = make_document(window.customer, price=100, number="1", issue_date=date(2026, 6, 3))
    make_document(window.customer, price=200, number="2", issue_date=date(2026, 7, 3))
    make_document(
        window.customer, price=10, number="3", kind=CreditNote, issue_date=date(2026, 7, 9)
    )
    pay(window.customer, 119, (invoice, 119), on=date(2026, 7, 5), reference="=1+1")
    db.session.commit()
    return window


def words_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def rows_of(answer):
    text = answer.data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_it_is_the_statement_that_is_issued_of_the_period(window):
    (statement,) = issue_statements([window.customer.id], JULY)
    db.session.commit()

    page = window.get(f"/account?{PERIOD}").text
    rows = rows_of(window.get(f"/account.csv?{PERIOD}"))

    assert shown_amount(statement.total, "EUR", "es") in page
    for line in statement.movements:
        assert shown_amount(line.balance, "EUR", "es") in page
    balances = [Decimal(row["Saldo"].replace(",", ".")) for row in rows]
    assert balances == [
        statement.opening_balance,
        *(line.balance for line in statement.movements),
        statement.total,
    ]


def test_its_pdf_says_what_the_sent_one_says(window, settings):
    """P-05: every amount of the issued statement, with the balance after each line and the ages of what is open."""
    (statement,) = issue_statements([window.customer.id], JULY)
    workshop = Workshop(files_url=settings.files_url, base_url="https://acme.test", processes=1)
    issued = words_of(workshop.store.read(pdf_of(statement, workshop).sha256))
    db.session.commit()

    loaded = words_of(window.get(f"/account.pdf?{PERIOD}&currency=EUR").data)

    assert AMOUNT.findall(loaded) == AMOUNT.findall(issued)
    assert len(AMOUNT.findall(loaded)) > 2 * len(statement.movements)
    for word in ("Saldo anterior", "Cargo", "Por vencer"):
        assert word in loaded and word in issued


def test_its_pdf_is_one_and_nothing_is_kept_of_it(window):
    answer = window.get(f"/account.pdf?{PERIOD}&currency=EUR")

    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    assert "2026-07-01" in answer.headers["Content-Disposition"]
    assert window.get(f"/account.pdf?{PERIOD}&currency=USD").status_code == 404


def test_a_cell_that_a_spreadsheet_would_run_is_tamed(window):
    rows = rows_of(window.get(f"/account.csv?{PERIOD}"))

    assert "'=1+1" in [row["Número"] for row in rows]


@pytest.mark.parametrize(
    "query",
    [
        "first=2026-07-31&last=2026-07-01",
        f"first=2026-07-01&last={utc_now().date() + timedelta(days=40)}",
        "first=yesterday&last=2026-07-01",
        "first=2026-02-30",
    ],
)
def test_a_period_that_cannot_be_says_so(window, query):
    page = window.get(f"/account?{query}")

    assert page.status_code == 422
    assert "invalid-feedback" in page.text
    assert window.get(f"/account.pdf?{query}").status_code == 422


def test_a_customer_without_movements_has_an_empty_account(stand):
    page = stand().get("/account")

    assert page.status_code == 200
    assert "0,00" in page.text


def test_movements_lead_to_their_documents_for_who_sees_them(stand):
    for roles, leads in ((("billing",), True), (("statements",), False)):
        window = stand(roles=roles, is_primary=False)
        there = utc_now().astimezone(ZoneInfo("America/Bogota")).date()  # where the company is
        invoice = make_document(window.customer, issue_date=there)
        db.session.commit()

        page = window.get("/account").text

        assert invoice.label in page
        assert (str(invoice.public_id) in page) is leads


def test_a_period_of_many_movements_shows_the_last_ones(window, monkeypatch):
    monkeypatch.setattr("portal.account_words.MOST_SHOWN", 1)

    page = window.get(f"/account?{PERIOD}").text

    assert "FV-2" not in page
    assert "FV-3" in page
    assert len(rows_of(window.get(f"/account.csv?{PERIOD}"))) == 5
