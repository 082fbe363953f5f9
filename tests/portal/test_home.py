"""P-01, S2-26: what is owed, what is overdue, what comes next, what was paid, what waits for an answer."""

import gzip
import re
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from extensions.built_files import DIST
from models.base import db, utc_now
from models.portal.portal_settings import PortalSettings
from models.sales.document import CreditNote, Quote
from models.sales.quote_answer import QuoteAnswer
from models.work.comment import Comment
from portal.home import StandingWords
from services.sales.standings import standings_of
from services.sales.statements import Period, account_of
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document
from tests.factories.saving import saved
from tests.factories.statements import pay

TODAY = utc_now().astimezone(ZoneInfo("America/Bogota")).date()  # where the company is


def test_P_01_home_says_what_the_statement_says_to_the_cent(organization):
    """With credits, refunds, payments that are not applied and two currencies."""
    customer = make_customer()
    late = make_document(customer, price="333.33", due_date=TODAY - timedelta(days=10))
    make_document(customer, price="77.77", due_date=TODAY + timedelta(days=5))
    make_document(customer, price=50, currency="USD", due_date=TODAY)
    make_document(customer, price=10, kind=CreditNote, series="NC")
    pay(customer, 200, (late, 150), on=TODAY - timedelta(days=2))
    pay(customer, 40, on=TODAY + timedelta(days=3))  # comes later: it is not there today
    db.session.flush()

    found = {standing.currency: standing for standing in standings_of(customer.id, TODAY)}

    for currency, standing in found.items():
        account = account_of(customer.id, currency, Period(date(2026, 1, 1), TODAY))
        assert standing.balance == account.closing
        assert standing.overdue == sum(account.aged[1:5])
    assert set(found) == {"EUR", "USD"}
    assert found["EUR"].next_due.due_date == TODAY + timedelta(days=5)
    assert found["USD"].next_due.due_date == TODAY  # the last day is not late


def test_home_shows_it_with_the_banner_of_the_day(stand):
    window = stand()
    make_document(window.customer, price=100, due_date=TODAY - timedelta(days=3))
    make_document(
        window.customer, kind=Quote, number="77", series="CO", due_date=TODAY + timedelta(days=3)
    )
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.banner = {"es": "<p>Cerrado <b>el lunes</b><script>x()</script></p>"}
    settings.banner_from = settings.banner_to = TODAY
    db.session.commit()

    page = window.get("/").text

    assert "119,00" in page
    assert "Cerrado <b>el lunes</b>" in page
    assert "x()" not in page
    assert "CO-77" in page


def test_P_01_more_overdue_than_owed_is_explained(stand):
    """What was paid and settles no debt makes the balance smaller than what is overdue."""
    window = stand()
    make_document(window.customer, price=100, due_date=TODAY - timedelta(days=3))
    pay(window.customer, 40, on=TODAY - timedelta(days=1))
    db.session.commit()

    page = window.get("/").text

    assert "79,00" in page
    assert "119,00 vencidos" in page
    assert "40,00 a su favor" in page


def test_a_banner_out_of_its_days_is_not_there(stand):
    window = stand()
    settings = db.session.scalars(select(PortalSettings)).one()
    settings.banner = {"es": "<p>Cerrado</p>"}
    settings.banner_from = TODAY + timedelta(days=2)
    db.session.commit()

    assert "Cerrado" not in window.get("/").text


def test_who_may_see_no_money_sees_none(stand):
    """A technician's home has neither the balance nor the invoices."""
    window = stand(roles=("technical",), is_primary=False)
    make_document(window.customer, price=100)
    db.session.commit()

    page = window.get("/").text

    assert "119,00" not in page
    assert "/invoices" not in page


def test_whose_portal_it_is_stands_in_the_title(stand):
    page = stand().get("/").text

    assert "Ventanilla</title>" not in page
    assert StandingWords("EUR", "0,00", False, "", "", "").balance in page


def test_P_01_what_is_due_comes_first(stand):
    """Overdue before due, then what was issued last; with the days that are left."""
    window = stand()
    days = {"11": -40, "12": 6, "13": -2, "14": 30}
    for number, left in days.items():
        make_document(window.customer, number=number, due_date=TODAY + timedelta(days=left))
    paid = make_document(window.customer, number="15", issue_date=TODAY)
    pay(window.customer, paid.total, (paid, paid.total), on=TODAY)
    db.session.commit()

    page = window.get("/").text

    listed = page.split('class="v-docs card"')[1].split("</ul>")[0]
    assert re.findall(r"<b class=.num.>FV-(\d+)<", listed) == ["11", "13", "12", "14"]
    assert "hace 40 días" in listed
    assert "en 6 días" in listed


def test_what_we_asked_waits_until_somebody_answers(stand, organization):
    """A question of ours; what we only said stands among the latest, and notes of ours nowhere."""
    window, staff = stand(), make_user(organization, name="Lucía Ordóñez")
    invoice = make_document(window.customer, number="21")
    other = make_document(window.customer, number="22")
    by_us = {"user_id": staff.id, "author_name": staff.name, "customer_id": window.customer.id}
    saved(Comment(document_id=invoice.id, body="¿Les sirve el jueves?", **by_us))
    saved(Comment(document_id=other.id, body="Va con la remisión.", **by_us))
    saved(Comment(document_id=other.id, body="Ojo: ¿cobrar?", visibility="internal", **by_us))
    db.session.commit()

    before = window.get("/").text
    path = f"/documents/{invoice.public_id}"
    window.submit(f"{path}/comments", {"body": "Sí, el jueves."}, form_at=path)
    after = window.get("/").text

    assert "Lucía Ordóñez pregunta sobre FV-21" in before
    assert "Va con la remisión." in before
    assert "Ojo" not in before
    assert "pregunta sobre" not in after
    assert "Usted escribió sobre" in after


def test_the_latest_is_what_the_visitor_may_see(stand):
    """P-10: an approver hears of quotes and their answers, not of invoices and payments."""
    window = stand(roles=("approver",), is_primary=False)
    invoice = make_document(window.customer, number="31", issue_date=TODAY)
    pay(window.customer, 10, (invoice, 10), on=TODAY)
    quote = make_document(window.customer, kind=Quote, series="CO", number="32", state="accepted")
    saved(
        QuoteAnswer(
            customer_id=window.customer.id,
            document_id=quote.id,
            answer="accepted",
            name="Iñaki Peña",
            pdf_sha256="0" * 64,
        )
    )
    db.session.commit()

    page = window.get("/").text

    assert "Iñaki Peña</b> aceptó" in page
    assert "FV-31" not in page
    assert "Recibimos" not in page


@pytest.mark.skipif(
    not (DIST / "manifest.json").exists(), reason="static/dist is not built (npm run build)"
)
def test_the_first_page_is_light(stand):
    """Whatever it names, compressed: under 150 KB of script and 40 KB of styles."""
    window = stand()
    page = window.get("/").text
    named = {
        "script": re.findall(r'<script[^>]* src="([^"]+)"', page),
        "style": re.findall(r'<link rel="stylesheet" href="([^"]+)"', page),
    }
    weights = {}
    for kind, addresses in named.items():
        answers = [window.browser.get(address) for address in addresses]
        assert {answer.status_code for answer in answers} == {200}
        weights[kind] = sum(len(gzip.compress(answer.data)) for answer in answers)

    assert 0 < weights["script"] < 150_000
    assert 0 < weights["style"] < 40_000
