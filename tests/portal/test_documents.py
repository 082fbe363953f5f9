"""Lists and pages of documents: what is seen, and that looking changes nothing."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from models.base import db, utc_now
from models.portal.portal_event import PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings
from models.sales.document import CreditNote, Document, Invoice, Quote, SalesOrder
from models.sales.document_state import DocumentState
from services.portal.portal_sessions import open_staff_look
from tests.browser import new_browser
from tests.factories.people import make_customer, make_user
from tests.factories.sales import make_document

LISTS = {
    "/invoices": Invoice,
    "/quotes": Quote,
    "/sales-orders": SalesOrder,
    "/credit-notes": CreditNote,
}


def kinds() -> list[PortalEventKind]:
    return list(db.session.scalars(select(PortalEvent.kind).order_by(PortalEvent.id)))


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_the_own_documents_of_its_kind(stand, path):
    window = stand()
    own = make_document(window.customer, kind=LISTS[path], number="4711")
    make_document(make_customer(), kind=LISTS[path], number="5822")
    db.session.commit()

    page = window.get(path)

    assert page.status_code == 200
    assert own.label in page.text
    assert str(own.public_id) in page.text
    assert "5822" not in page.text


@pytest.mark.parametrize("kind", LISTS.values())
def test_P_02_every_kind_is_read_downloaded_and_printed(stand, kind):
    """S2-22 for sales orders; nobody else's."""
    window = stand()
    own = make_document(window.customer, kind=kind)
    foreign = make_document(make_customer(), kind=kind)
    db.session.commit()

    for rest in ("", "/print"):
        assert own.label in window.get(f"/documents/{own.public_id}{rest}").text
        assert window.get(f"/documents/{foreign.public_id}{rest}").status_code == 404
    assert window.get(f"/documents/{own.public_id}/pdf").data.startswith(b"%PDF")
    assert window.get(f"/documents/{foreign.public_id}/pdf").status_code == 404


def test_a_page_shows_lines_and_sums_and_its_pdf_is_the_same_twice(stand):
    window = stand()
    document = make_document(window.customer, price=100)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    page, first, second = (window.get(where + rest) for rest in ("", "/pdf", "/pdf"))

    assert "Service" in page.text
    assert "119,00" in page.text
    assert first.data == second.data
    assert first.data.startswith(b"%PDF")
    assert first.headers["Content-Disposition"].startswith("attachment")
    assert first.headers["Cache-Control"] == "no-store"


def test_P_02_a_line_says_its_unit_and_why_it_costs_less_than_its_price(stand):
    """As on paper: two of 50 with 10 % off are 90, and without a word nobody sees why."""
    window = stand()
    document = make_document(window.customer, kind=Quote, price=50, state=DocumentState.DRAFT)
    [line] = document.lines
    line.quantity, line.discount_percent = Decimal(2), Decimal(10)
    line.unit, line.item_code = "caja", "RES-1"
    document.add_up()
    db.session.flush()
    document.state, document.posted_at = DocumentState.POSTED, utc_now()
    db.session.commit()

    page = window.get(f"/documents/{document.public_id}").text

    assert re.search(r"<small>RES-1 · Descuento −10\s%</small>", page)
    assert '2<span class="cur">caja</span>' in page
    assert "90,00" in page


@pytest.mark.parametrize(
    ("state", "days"),
    [
        (DocumentState.SHIPPING, ["3 nov 2026", "9 nov 2026"]),
        (DocumentState.DELIVERED, ["3 nov 2026"]),
    ],
)
def test_S2_21_an_orders_steps_have_the_days_that_are_known(stand, state, days):
    """When it was delivered nobody wrote down: the promised day is not said as if it were that."""
    window = stand()
    order = make_document(
        window.customer,
        kind=SalesOrder,
        state=state,
        issue_date=date(2026, 11, 3),
        due_date=date(2026, 11, 9),
    )
    db.session.commit()

    page = window.get(f"/documents/{order.public_id}").text

    track = page.split('class="v-track"')[1].split("</ol>")[0]
    assert re.findall("<small>(.*?)</small>", track) == days


def test_P_09_reading_changes_nothing(stand):
    """Scanners and previews fetch pages and files: no view comes of it."""
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    look = text("SELECT to_jsonb(d) FROM document d")
    before = db.session.execute(look).scalar_one()
    db.session.commit()

    for rest in ("", "/pdf", "/print"):
        window.get(f"/documents/{document.public_id}{rest}")
        window.browser.head(f"{window.root}/documents/{document.public_id}{rest}")

    assert db.session.execute(look).scalar_one() == before
    assert kinds() == []


def test_P_09_a_person_who_looks_is_noted_once_as_the_first(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}"

    for _time in range(2):
        assert window.submit(f"{where}/seen", form_at=where).status_code == 204
    answer = window.submit(f"{where}/load", form_at=where)

    assert answer.status_code == 303
    assert window.browser.get(answer.headers["Location"]).data.startswith(b"%PDF")
    db.session.refresh(document)
    assert document.first_viewed_at is not None
    assert kinds() == ["viewed_first", "viewed", "downloaded"]
    event = db.session.scalars(select(PortalEvent)).first()
    assert (event.portal_user_id, event.actor_name) == (window.user.id, "Sofía Ñáñez")


def test_P_22_staff_who_look_never_count(app, organization, stand):
    window, staff = stand(), make_user(organization)
    document = make_document(window.customer)
    token = open_staff_look(staff.id, window.customer.id, ip=None, user_agent=None)
    db.session.commit()
    browser = new_browser(app)
    browser.set_cookie("portal", token)
    where = f"{window.root}/documents/{document.public_id}"

    page = browser.get(where)
    refused = [
        browser.submit(f"{where}/{verb}", form_at=where).status_code
        for verb in ("seen", "load", "printed", "answer")
    ]

    assert page.status_code == 200
    assert "data-seen" not in page.text
    assert refused == [403] * 4
    assert browser.get(f"{where}/pdf").status_code == 200
    db.session.refresh(document)
    assert document.first_viewed_at is None
    assert kinds() == []


def test_S2_21_sales_orders_that_are_off_do_not_exist(stand):
    """Not in the menu, not as a list, not by an address that one knows."""
    window = stand()
    order = make_document(window.customer, kind=SalesOrder)
    db.session.commit()
    assert window.get(f"/documents/{order.public_id}").status_code == 200

    db.session.execute(update(PortalSettings).values(show_sales_orders=False))
    db.session.commit()

    assert window.get("/sales-orders").status_code == 404
    for rest in ("", "/pdf", "/print"):
        assert window.get(f"/documents/{order.public_id}{rest}").status_code == 404
    assert "sales-orders" not in window.get("/").text


def test_a_document_that_is_not_for_ones_role_does_not_exist(stand):
    window = stand(roles=("technical",), is_primary=False)
    invoice = make_document(window.customer)
    db.session.commit()

    assert window.get("/invoices").status_code == 404
    assert window.get(f"/documents/{invoice.public_id}").status_code == 404
    assert window.get("/account").status_code == 404
    assert window.get("/payments").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "?after=2026-02-30.5",
        "?after=2026-01-01." + "9" * 30,
        "?before=%00x",
        "?year=abcd&state=%27",
        "?year=9999",
        "?after=-1&before=2026-01-01.1",
        "?number=" + "x" * 5000,
    ],
)
def test_an_odd_address_is_no_fault(stand, query):
    window = stand()

    assert window.get(f"/invoices{query}").status_code in (200, 400)


def test_S2_22_the_print_view_is_the_document_alone(stand):
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    where = f"/documents/{document.public_id}/print"

    page = window.get(where).text

    assert "v-sheet" in page
    assert "<nav" not in page
    assert (
        window.submit(f"/documents/{document.public_id}/printed", form_at=where).status_code == 204
    )
    assert kinds() == ["printed"]


def test_posted_documents_stay_whatever_the_portal_does(stand):
    """The portal's role changes two things of a document, each by a function of its own."""
    window = stand()
    document = make_document(window.customer)
    db.session.commit()
    before = db.session.execute(select(Document.__table__)).mappings().one()
    where = f"/documents/{document.public_id}"
    for verb in ("seen", "load", "printed", "answer"):
        window.submit(f"{where}/{verb}", {"name": "X", "answer": "accepted"}, form_at=where)

    after = db.session.execute(select(Document.__table__)).mappings().one()

    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"first_viewed_at"}


def test_a_portals_error_page_is_not_ours(stand):
    """Who lost their way is led to their own home, and reads nobody else's name."""
    window = stand()
    page = window.get("/documents/00000000-0000-7000-8000-000000000007").text

    assert f'href="{window.root}/"' in page
    assert "Ventanilla" not in page


def test_the_states_of_a_list_are_tabs_with_what_is_to_be_looked_at(stand):
    """Counted where somebody has to do something; the rest of what was asked for stays."""
    window = stand()
    for number, left in (("41", -40), ("42", -2), ("43", 90)):
        make_document(
            window.customer, number=number, due_date=utc_now().date() + timedelta(days=left)
        )
    db.session.commit()

    page = window.get("/invoices?year=2026").text

    tabs = page.split('class="v-ptabs"')[1].split("</nav>")[0]
    assert re.findall(r">([^<>]+?)(?: <span class=.v-tabn[^>]*>(\d+)</span>)?</a>", tabs) == [
        ("Todas", ""),
        ("Por pagar", "3"),
        ("Vencida", "2"),
        ("Pagada", ""),
        ("Anulada", ""),
    ]
    assert "/invoices?state=overdue&amp;year=2026" in tabs
    overdue = window.get("/invoices?state=overdue").text
    assert ("FV-42" in overdue, "FV-43" in overdue) == (True, False)
    assert 'name="state" value="overdue"' in overdue
